import { breakerOf } from '../../../shared/runtime/circuit-breaker'
import type { Generator } from '../context/answer-types'
import type { Writing } from './compose'
import { openai } from './openai'
import { type AiBinding, workersAi } from './workers-ai'

type ModelEnv = { MODEL_URL: string; MODEL: string; MODEL_API_KEY?: string; AI?: AiBinding }

/** Who words the answers of this deployment: an endpoint by its address, else Workers AI where it is bound, else nobody but the program. */
export const writingFrom = (env: ModelEnv): Writing => ({ generator: generatorFrom(env), model: breakerOf(env, 'model') })

function generatorFrom({ MODEL_URL, MODEL, MODEL_API_KEY, AI }: ModelEnv): Generator | null {
  if (MODEL_URL !== '') return openai({ url: MODEL_URL, model: MODEL, apiKey: MODEL_API_KEY ?? null })
  return AI ? workersAi(AI, MODEL) : null
}
