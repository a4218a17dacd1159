import { dependencyOf } from '../../../shared/runtime/circuit-breaker'
import type { Model, Planner } from './model'
import { openai } from './openai'
import { type AiBinding, workersAi } from './workers-ai'

type ModelEnv = { MODEL_URL: string; MODEL: string; MODEL_API_KEY?: string; AI?: AiBinding }

export const plannerFrom = (env: ModelEnv): Planner => ({ model: modelFrom(env), dependency: dependencyOf(env, 'model') })

/** An endpoint by its address, else Workers AI where it is bound, else none. */
function modelFrom({ MODEL_URL, MODEL, MODEL_API_KEY, AI }: ModelEnv): Model | null {
  if (MODEL_URL !== '') return openai({ url: MODEL_URL, model: MODEL, apiKey: MODEL_API_KEY ?? null })
  return AI ? workersAi(AI, MODEL) : null
}
