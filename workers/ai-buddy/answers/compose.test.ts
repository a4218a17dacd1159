import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../../shared/contracts/errors'
import { newCircuitBreaker } from '../../../shared/runtime/circuit-breaker'
import type { Answer, AnswerPart, Brief, Generator, Piece } from '../context/answer-types'
import { aBrief, anOrder, aProduct, january, numbered } from '../testing/read-fixtures'
import { compose } from './compose'
import { notices } from './copy'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** A model that writes what it is given: texts, counts, an error to throw, or `hangs`. */
function aModel(...pieces: (Piece | Error | 'hangs')[]) {
  const seen = { calls: 0, written: 0, signals: [] as AbortSignal[] }
  const generator: Generator = {
    name: 'openai',
    write: async function* (_brief, signal) {
      seen.calls += 1
      seen.signals.push(signal)
      for (const piece of pieces) {
        if (piece instanceof Error) throw piece
        if (piece === 'hangs') await new Promise(() => {})
        else {
          seen.written += 1
          yield piece
          await Promise.resolve()
        }
      }
    },
  }
  return { seen, writing: { generator, model: newCircuitBreaker({ name: 'model', timeoutMs: 1_000, failures: 3, resetTimeoutMs: 5_000 }) } }
}

const unlimited = () => ({ signal: new AbortController().signal, modelBudget: 1_000_000 })

async function partsOf(writing: Parameters<typeof compose>[0], brief: Brief = aBrief(), limits = unlimited()) {
  const parts: AnswerPart[] = []
  for await (const part of compose(writing, brief, limits)) parts.push(part)
  const tokens = parts.flatMap((part) => (part.type === 'token' ? [part.text] : []))
  const last = parts.at(-1)
  if (last?.type !== 'done') throw new Error('The answer has no end')
  const answer: Answer = last.answer
  return { parts, tokens, answer }
}

const supported = 'The Walnut writing desk costs $649.00 [1].'
const more = 'It has two dovetailed drawers [1].'
const extractive =
  'Here is what I found:\n- Walnut writing desk: $649.00, in stock (12 available) [1]. The seller writes: “Solid walnut with'

describe('an answer', () => {
  it('is composed of the reads where there is no model', async () => {
    const { writing } = aModel()
    const { answer, parts, tokens } = await partsOf({ ...writing, generator: null })
    expect(parts.map(({ type }) => type)).toEqual(['product', 'token', 'citation', 'token', 'token', 'done'])
    expect(answer).toMatchObject({ generator: 'extractive', fallback: null, modelTokens: 0 })
    expect(answer.citations).toMatchObject([{ n: 1, kind: 'product', title: 'Walnut writing desk' }])
    expect(answer.products).toMatchObject([{ title: 'Walnut writing desk', availability: 'in', available: 12 }])
    expect(tokens.join('')).toBe(answer.text)
  })

  it('is the model’s as long as the reads bear out each sentence, whatever pieces it comes in', async () => {
    const text = `${supported} **It** has two dovetailed drawers [1].\n- Solid walnut with a cable slot. [1]`
    const { writing } = aModel(...(text.match(/.{1,3}/gs) ?? []), { tokens: 321 })
    const { answer, tokens } = await partsOf(writing)
    expect(answer).toMatchObject({
      text: `${supported} It has two dovetailed drawers [1].\n- Solid walnut with a cable slot. [1]`,
      generator: 'openai',
      fallback: null,
      modelTokens: 321,
    })
    expect(tokens.join('')).toBe(answer.text)
  })

  it('sends no word of a sentence that the reads do not bear out, and is composed of them from there', async () => {
    const { writing, seen } = aModel(`${supported} It costs only $1.00 `, 'today [1]. ', `${more} `, `${more} `)
    const { answer, tokens } = await partsOf(writing)
    expect(tokens[0]).toBe(supported)
    expect(tokens.join('')).not.toContain('$1')
    expect(answer.text).toContain(extractive)
    expect(answer.text.endsWith(`\n${notices.unsupported}`)).toBe(true)
    expect(answer).toMatchObject({ generator: 'extractive', fallback: 'unsupported' })
    expect(answer.modelTokens).toBeGreaterThan(0)
    expect([seen.written, seen.signals[0]?.aborted]).toEqual([expect.any(Number), true])
  })

  it.each(['', 'Here is what I found:', ' \n '])(
    'is composed of the reads when the model says nothing of them: %j',
    async (text) => {
      const { answer } = await partsOf(aModel(text).writing)
      expect(answer).toMatchObject({ generator: 'extractive', fallback: 'unsupported' })
    },
  )

  it.each<[string, (Piece | Error)[]]>([
    ['is down', [new TypeError('network')]],
    ['refuses', [new AppError('unavailable')]],
    ['breaks off', [`${supported} ${more} It`, new TypeError('network')]],
  ])('is composed of the reads when the model %s, and says so', async (_, pieces) => {
    const { answer } = await partsOf(aModel(...pieces).writing)
    expect(answer).toMatchObject({ generator: 'extractive', fallback: 'unavailable' })
    expect(answer.text).toContain(notices.unavailable)
  })

  it('does not wait for a silent model for longer than the dependency is waited for', async () => {
    const { writing } = aModel(`${supported} ${more}`, 'hangs')
    const answered = partsOf(writing)
    await vi.advanceTimersByTimeAsync(1_000)
    expect((await answered).answer).toMatchObject({ fallback: 'unavailable' })
    expect(writing.model.standing().lastError).toBe('timeout')
  })

  it('leaves a model alone that failed again and again', async () => {
    const { writing, seen } = aModel(new TypeError('network'))
    for (let turn = 0; turn < 5; turn++) expect((await partsOf(writing)).answer.fallback).toBe('unavailable')
    expect([seen.calls, writing.model.standing().state]).toEqual([3, 'open'])
  })

  it('holds nothing against a model whose words were not borne out, or whose listener left', async () => {
    const { writing } = aModel('It costs $1.00 [1]. It', 'hangs')
    for (let turn = 0; turn < 5; turn++) expect((await partsOf(writing)).answer.fallback).toBe('unsupported')
    const left = new AbortController()
    const gone = partsOf(aModel('hangs').writing, aBrief(), { signal: left.signal, modelBudget: 1e6 })
    await vi.advanceTimersByTimeAsync(1)
    left.abort()
    expect((await gone).answer.generator).toBe('extractive')
    expect(writing.model.standing()).toMatchObject({ state: 'closed', lastError: null })
  })

  it('does not ask a model for more than the day has left', async () => {
    const { writing, seen } = aModel(supported)
    const { answer } = await partsOf(writing, aBrief(), { ...unlimited(), modelBudget: 500 })
    expect([answer.fallback, answer.modelTokens, seen.calls]).toEqual(['budget', 0, 0])
    expect(answer.text).toContain(notices.budget)
  })

  it('never has a model word what was done, or what nothing was read of', async () => {
    const proposal = { ...aProduct(), quantity: 1, expiresAt: january(8) }
    const { writing, seen } = aModel(supported)
    for (const brief of [aBrief({ deed: { did: 'proposed', proposal } }), aBrief({ reads: [], intent: 'greet' })])
      expect((await partsOf(writing, brief)).answer).toMatchObject({ generator: 'extractive', fallback: null })
    expect(seen.calls).toBe(0)
  })

  it('ends a model that goes round in circles or never ends', async () => {
    const { answer } = await partsOf(aModel(...Array.from({ length: 400 }, () => `${supported} ${more} `)).writing)
    expect(answer).toMatchObject({ text: `${supported} ${more}`, fallback: null })
    const endless = aModel(...Array.from({ length: 100 }, () => 'walnut '.repeat(10)))
    expect((await partsOf(endless.writing)).answer.fallback).toBe('unsupported')
    expect(endless.seen.written).toBeLessThan(40)
  })

  it('has an end, whatever somebody ordered, so that a conversation of such answers can be kept', async () => {
    const [line] = anOrder().order.items
    const items = Array.from({ length: 100 }, () => ({ ...line, title: 'Desk '.repeat(27).trim() }) as NonNullable<typeof line>)
    const reads = numbered(Array.from({ length: 20 }, () => anOrder({ items })))
    const { answer } = await partsOf({ ...aModel().writing, generator: null }, aBrief({ intent: 'see_orders', reads }))
    expect(answer.text.length).toBeLessThan(15_000)
    expect(answer.citations.length).toBeGreaterThan(5)
    expect(answer.citations.length).toBeLessThan(20)
  })

  it('cites what it says, each before the words', async () => {
    const reads = numbered([aProduct(), aProduct({ title: 'Bar stool' })])
    const { parts } = await partsOf(aModel('The Bar stool costs $649.00 [2]. ').writing, aBrief({ reads }))
    expect(parts.map((part) => (part.type === 'citation' ? part.citation.n : part.type))).toEqual([
      'product',
      'product',
      2,
      'token',
      'done',
    ])
  })
})
