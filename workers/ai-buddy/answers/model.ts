import type { Dependency } from '../../../shared/runtime/circuit-breaker'

export type Message = { role: 'system' | 'user' | 'assistant'; content: string }

/** What a model answers: JSON as text or parsed, or nothing of the kind, and the tokens of question and answer where it counts them. */
export type ModelReply = { content: unknown; tokens: number | null }

/** Something that answers messages with JSON by `answerSchema`. */
export type Model = {
  name: 'workers-ai' | 'openai'
  /** @throws AppError `unavailable`, or whatever broke on the way */
  ask(messages: Message[], signal: AbortSignal): Promise<ModelReply>
}

/** What plans answers: a model behind its circuit breaker, or the program alone where `model` is null. */
export type Planner = { model: Model | null; dependency: Pick<Dependency, 'run'> }

/** The answer is short and has one right form. */
export const sampling = { max_tokens: 500, temperature: 0 } as const
