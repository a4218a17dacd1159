import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../../shared/contracts/errors'
import { newCircuitBreaker } from '../../../shared/runtime/circuit-breaker'
import type { Answer, AnswerPart, GenerationRequest } from '../context/answer-types'
import { anOrder, aProduct, aRequest, january, numbered } from '../testing/context-fixtures'
import { compose } from './compose'
import { copy } from './copy'
import type { Model, ModelReply, Planner } from './model'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** A model that always gives the same reply, throws it, or never answers. */
function aModel(reply: ModelReply | Error | 'hangs') {
  const seen = { calls: 0, signals: [] as AbortSignal[] }
  const model: Model = {
    name: 'openai',
    ask: async (_messages, signal) => {
      seen.calls += 1
      seen.signals.push(signal)
      if (reply instanceof Error) throw reply
      return reply === 'hangs' ? new Promise(() => {}) : reply
    },
  }
  return {
    seen,
    planner: { model, dependency: newCircuitBreaker({ name: 'model', timeoutMs: 1_000, failures: 3, resetTimeoutMs: 5_000 }) },
  }
}

const part = (item: number, fields: string[], quotes: number[] = [], phrase = 'none') => ({ phrase, item, fields, quotes })
const chosen = (...parts: object[]): ModelReply => ({ content: JSON.stringify({ intent: 'answer', parts }), tokens: null })
const nothingRead: ModelReply = chosen(part(9, ['price']))

const unlimited = () => ({ signal: new AbortController().signal, modelBudget: 1_000_000 })

async function partsOf(planner: Planner, request: GenerationRequest = aRequest(), limits = unlimited()) {
  const parts: AnswerPart[] = []
  for await (const each of compose(planner, request, limits)) parts.push(each)
  const tokens = parts.flatMap((each) => (each.type === 'token' ? [each.text] : []))
  const last = parts.at(-1)
  if (last?.type !== 'done') throw new Error('The answer has no end')
  const answer: Answer = last.answer
  return { parts, tokens, answer }
}

const extractive =
  'Here is what I found, under the titles that the sellers gave:\n- “Walnut writing desk”: $649.00, in stock (12 available) [1].'

describe('an answer', () => {
  it('is planned by the program where there is no model', async () => {
    const { planner } = aModel(nothingRead)
    const { answer, parts, tokens } = await partsOf({ ...planner, model: null })
    expect(parts.map(({ type }) => type)).toEqual(['product', 'token', 'citation', 'token', 'token', 'done'])
    expect(answer).toMatchObject({ generator: 'extractive', fallback: null, modelTokens: 0 })
    expect(answer.text).toContain(extractive)
    expect(answer.citations).toMatchObject([{ n: 1, kind: 'product', title: 'Walnut writing desk' }])
    expect(answer.products).toMatchObject([{ title: 'Walnut writing desk', availability: 'in', available: 12 }])
    expect(tokens.join('')).toBe(answer.text)
  })

  it('says what the model chose, in the words of the program', async () => {
    const { planner } = aModel({ ...chosen(part(1, ['price'], [1])), tokens: 321 })
    const { answer, tokens } = await partsOf(planner)
    expect(answer).toMatchObject({
      text: '- “Walnut writing desk”: $649.00 [1]. The seller writes: “Solid walnut with two dovetailed drawers and a cable slot.” [1]',
      ...{ generator: 'openai', fallback: null, modelTokens: 321 },
    })
    expect(tokens.join('')).toBe(answer.text)
  })

  it('is planned by the program, and says so, when the model chooses nothing that was read', async () => {
    const { answer } = await partsOf(aModel(nothingRead).planner)
    expect(answer.text).toContain(extractive)
    expect(answer.text.endsWith(copy.unsupported)).toBe(true)
    expect(answer).toMatchObject({ generator: 'extractive', fallback: 'unsupported' })
    expect(answer.modelTokens).toBeGreaterThan(0)
  })

  it.each([
    ['is down', new TypeError('network')],
    ['refuses', new AppError('unavailable')],
  ])('is planned by the program, and says so, when the model %s', async (_, error) => {
    const { answer } = await partsOf(aModel(error).planner)
    expect(answer).toMatchObject({ generator: 'extractive', fallback: 'unavailable' })
    expect(answer.text).toContain(copy.unavailable)
  })

  it('does not wait for a silent model for longer than the time limit', async () => {
    const { planner } = aModel('hangs')
    const answered = partsOf(planner)
    await vi.advanceTimersByTimeAsync(1_000)
    expect((await answered).answer).toMatchObject({ fallback: 'unavailable' })
    expect(planner.dependency.status().lastError).toBe('timeout')
  })

  it('is planned without asking a model that failed again and again, which costs no tokens', async () => {
    const { planner, seen } = aModel(new TypeError('network'))
    const answers: Answer[] = []
    for (let turn = 0; turn < 5; turn++) answers.push((await partsOf(planner)).answer)
    expect(answers.map(({ fallback }) => fallback)).toEqual(Array(5).fill('unavailable'))
    expect(answers.map(({ modelTokens }) => modelTokens > 0)).toEqual([true, true, true, false, false])
    expect([seen.calls, planner.dependency.status().state]).toEqual([3, 'open'])
  })

  it('does not count a useless choice, or a client that left, as a failure of the model', async () => {
    const { planner } = aModel(nothingRead)
    for (let turn = 0; turn < 5; turn++) expect((await partsOf(planner)).answer.fallback).toBe('unsupported')
    const left = new AbortController()
    const { planner: silent, seen } = aModel('hangs')
    const gone = partsOf(silent, aRequest(), { signal: left.signal, modelBudget: 1e6 })
    await vi.advanceTimersByTimeAsync(1)
    left.abort()
    expect((await gone).answer.generator).toBe('extractive')
    expect(seen.signals[0]?.aborted).toBe(true)
    for (const { dependency: each } of [planner, silent])
      expect(each.status()).toMatchObject({ state: 'closed', lastError: null })
  })

  it('does not ask a model for more than the day has left', async () => {
    const { planner, seen } = aModel(nothingRead)
    const { answer } = await partsOf(planner, aRequest(), { ...unlimited(), modelBudget: 500 })
    expect([answer.fallback, answer.modelTokens, seen.calls]).toEqual(['budget', 0, 0])
    expect(answer.text).toContain(copy.budget)
  })

  it('never has a model choose what is said about a change of the cart, or where nothing was read', async () => {
    const proposal = { ...aProduct(), quantity: 1, expiresAt: january(8) }
    const { planner, seen } = aModel(nothingRead)
    for (const request of [aRequest({ cartAction: { type: 'proposed', proposal } }), aRequest({ items: [], intent: 'greet' })])
      expect((await partsOf(planner, request)).answer).toMatchObject({ generator: 'extractive', fallback: null })
    expect(seen.calls).toBe(0)
  })

  it('has an end, whatever was ordered, so that a conversation of such answers can be stored', async () => {
    const [line] = anOrder().order.items
    const items = Array.from({ length: 100 }, () => ({ ...line, title: 'Desk '.repeat(27).trim() }) as NonNullable<typeof line>)
    const orders = numbered(Array.from({ length: 20 }, () => anOrder({ items })))
    const { answer } = await partsOf(
      { ...aModel('hangs').planner, model: null },
      aRequest({ intent: 'see_orders', items: orders }),
    )
    expect(answer.text.length).toBeLessThan(15_000)
    expect(answer.citations.length).toBeGreaterThan(5)
    expect(answer.citations.length).toBeLessThan(20)
  })

  it('cites what it says, each item before the first words about it', async () => {
    const items = numbered([aProduct(), aProduct({ title: 'Bar stool [1]' })])
    const { parts } = await partsOf(aModel(chosen(part(2, ['price']), part(2, ['stock']))).planner, aRequest({ items }))
    expect(parts.map((each) => (each.type === 'citation' ? each.citation.n : each.type))).toEqual([
      ...['product', 'product', 2, 'token', 'token', 'done'],
    ])
  })
})
