import { AppError } from '../../../shared/contracts/errors'
import type { Dependency } from '../../../shared/runtime/circuit-breaker'
import { logger } from '../../../shared/runtime/logger'
import type { Answer, GenerationRequest } from '../context/answer-types'
import type { Model } from './model'
import { answerSchema, planFrom } from './model-plan'
import type { Plan } from './plan'
import { messagesFor } from './prompt'

type ModelPlan = { plan: Plan | null; fallback: Answer['fallback']; tokens: number }

/** Characters per token where a model does not count: few, as data in JSON takes more tokens than prose. */
const charactersPerToken = 3
/** Tokens that an answer may take besides the question. */
const answerTokens = 400

/**
 * Has a model choose what an answer says. `plan` is null, and `fallback` says why, when the day's budget is too small, when the model fails
 * or is too slow, and when it chooses nothing that was read.
 */
export async function planByModel(
  { model, dependency }: { model: Model; dependency: Pick<Dependency, 'run'> },
  request: GenerationRequest,
  { signal, modelBudget }: { signal: AbortSignal; modelBudget: number },
): Promise<ModelPlan> {
  const messages = messagesFor(request)
  const asked = Math.ceil(messages.reduce((sum, { content }) => sum + content.length, schemaLength) / charactersPerToken)
  if (asked + answerTokens > modelBudget) return { plan: null, fallback: 'budget', tokens: 0 }
  try {
    const reply = await dependency.run((tooLate) =>
      Promise.race([aborted(signal), model.ask(messages, AbortSignal.any([tooLate, signal]))]),
    )
    // The model is not to blame when the client leaves.
    if (reply === null) return { plan: null, fallback: 'unavailable', tokens: asked }
    const plan = planFrom(reply.content, request)
    // Without what it answered, which may repeat what the user said about themselves.
    if (plan === null) logger.info('the model chose nothing that was read')
    const answered = Math.ceil((JSON.stringify(reply.content) ?? '').length / charactersPerToken)
    return { plan, fallback: plan === null ? 'unsupported' : null, tokens: reply.tokens ?? asked + answered }
  } catch (error) {
    if (!signal.aborted && !AppError.is(error, 'unavailable')) logger.warn('the model failed', { error })
    return { plan: null, fallback: 'unavailable', tokens: asked }
  }
}

const schemaLength = JSON.stringify(answerSchema).length

const aborted = (signal: AbortSignal): Promise<null> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(null)
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
