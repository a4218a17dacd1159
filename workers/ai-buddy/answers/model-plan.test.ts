import { describe, expect, it } from 'vitest'
import { money } from '../../../shared/contracts/money'
import { seeded } from '../../../shared/testing/interleaving'
import { aCart, anArticle, anOrder, aProduct, aRequest, numbered } from '../testing/context-fixtures'
import { findUnread } from '../testing/provenance'
import { answerSchema, planFrom } from './model-plan'
import { fields } from './plan'
import { render } from './render'

const stool = aProduct({ title: 'Bar stool', unitPrice: money(14_900, 'USD') })
const items = numbered([
  ...[aProduct(), stool, anArticle(), anOrder()],
  aCart([{ title: 'Wool blanket', price: 8_900, quantity: 1 }]),
])
const request = aRequest({ items, question: 'Do you have a desk?' })

type Part = { phrase?: string; item: number; fields?: string[]; quotes?: number[] }
const answerOf = (intent: string, ...parts: Part[]) => ({
  intent,
  parts: parts.map((part) => ({ phrase: 'none', fields: [], quotes: [], ...part })),
})
const said = (content: unknown, asked = request) => {
  const plan = planFrom(content, asked)
  return plan && render(plan, asked.items).map(({ text }) => text.trim())
}

describe('the schema that a model answers by', () => {
  it('keeps to what OpenAI’s strict mode takes: every property required, no other allowed, no keyword beyond its subset', () => {
    const taken = new Set([
      ...['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'minimum', 'maximum', 'maxItems'],
    ])
    const visit = (schema: Record<string, unknown>): void => {
      expect(Object.keys(schema).filter((keyword) => !taken.has(keyword))).toEqual([])
      const properties = (schema.properties ?? {}) as Record<string, Record<string, unknown>>
      if (schema.type === 'object')
        expect([schema.required, schema.additionalProperties]).toEqual([Object.keys(properties), false])
      for (const inner of Object.values(properties)) visit(inner)
      if (schema.items) visit(schema.items as Record<string, unknown>)
    }
    visit(answerSchema as Record<string, unknown>)
  })

  it('has no place for text: every string is of a closed set', () => {
    const strings = JSON.stringify(answerSchema).match(/\{"type":"string"[^}]*\}/g) ?? []
    expect(strings).toHaveLength(3)
    for (const each of strings) expect(each).toContain('"enum"')
  })
})

describe('a plan by a model', () => {
  it('states the fields and sentences that it chose, in its order, as text or as an object', () => {
    const answer = answerOf('list', { item: 2, fields: ['stock', 'price'] }, { phrase: 'also', item: 3, quotes: [2] })
    const expected = [
      'Here is what I found, under the titles that the sellers gave:',
      '- “Bar stool”: in stock (12 available), $149.00 [2].',
      'There is also:',
      'The article “Cancel an order” says: “A refund takes up to 5 days and goes to the card that paid.” [3]',
    ]
    expect(said(answer)).toEqual(expected)
    expect(said(JSON.stringify(answer))).toEqual(expected)
  })

  it('asks which is meant, compares, and says that it does not know', () => {
    expect(said(answerOf('ask_which', { item: 1, fields: ['price'] }))?.[0]).toMatch(/^Which of these do you mean/)
    expect(said(answerOf('answer', { item: 1, fields: ['price'] }, { phrase: 'compared', item: 2, fields: ['price'] }))).toEqual([
      ...['- “Walnut writing desk”: $649.00 [1].', 'To compare:', '- “Bar stool”: $149.00 [2].'],
    ])
    expect(said(answerOf('unknown'))).toEqual(['I do not know that.'])
  })

  it('speaks of sellers’ titles only before products', () => {
    expect(said(answerOf('list', { item: 4, fields: ['status'] }))).toEqual(['- Order CR-260101-7K3M9Q2X: shipped [4].'])
  })

  it('leaves out items, fields and sentences that there are none of, and what was said already', () => {
    const answer = answerOf(
      'answer',
      { item: 6, fields: ['price'] },
      { item: 1, fields: ['parcels', 'price', 'price'], quotes: [7, 1, 1] },
      { phrase: 'also', item: 5, fields: ['price'], quotes: [1] },
      { phrase: 'also', item: 1, fields: ['price'], quotes: [1] },
    )
    expect(said(answer)).toEqual([
      '- “Walnut writing desk”: $649.00 [1].',
      'The seller writes: “Solid walnut with two dovetailed drawers and a cable slot.” [1]',
    ])
  })

  it('names the cheapest of all that was read where that was asked, whatever the model chose', () => {
    const asked = aRequest({ items: numbered([aProduct(), stool]), question: 'What is the cheapest?' })
    expect(said(answerOf('answer', { item: 1, fields: ['price'] }), asked)).toEqual([
      ...['- “Walnut writing desk”: $649.00 [1].', 'The cheapest of these is “Bar stool” at $149.00 [2].'],
    ])
  })

  const canary = 'cinnabar-heron-4471'
  it.each<[string, unknown]>([
    ['prose', 'The Walnut writing desk costs $1.00 [1].'],
    ['nothing', ''],
    ['null', null],
    ['broken JSON', '{"intent":"answer","parts":[{"phrase":"none","item":1,'],
    ['JSON in a fence', '```json\n{"intent":"answer","parts":[]}\n```'],
    ['another shape', { text: 'It costs $1.00' }],
    ['a list', []],
    ['an item of nobody', answerOf('answer', { item: 77, fields: ['price'], quotes: [1] })],
    ['no parts', answerOf('answer')],
    ['an unknown intent', answerOf(canary, { item: 1, fields: ['price'] })],
    ['an unknown field', answerOf('answer', { item: 1, fields: ['price', canary] })],
    ['an unknown phrase', answerOf('answer', { phrase: canary, item: 1, fields: ['price'] })],
    ['a property too many', { ...answerOf('answer', { item: 1, fields: ['price'] }), text: canary }],
    ['a part with text', { intent: 'answer', parts: [{ phrase: 'none', item: 1, fields: [], quotes: [], says: canary }] }],
    ['a sentence instead of its number', answerOf('answer', { item: 1, quotes: [canary as unknown as number] })],
    ['numbers that are none', answerOf('answer', { item: 1.5, fields: ['price'] }, { item: Number.NaN }, { item: -1 })],
    ['too many parts', answerOf('answer', ...Array.from({ length: 5_000 }, () => ({ item: 1, fields: ['price'] })))],
    ['too many numbers', answerOf('answer', { item: 1, quotes: Array.from({ length: 5_000 }, (_, at) => at) })],
    ['a deep nest', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['keys of the language', '{"__proto__":{"intent":"answer"},"constructor":1}'],
  ])('is none when a model answers with %s', (_what, content) => expect(planFrom(content, request)).toBeNull())

  it('has nothing but fixed copy, values and quotations, whatever JSON the model makes', () => {
    const random = seeded(11)
    const below = (limit: number) => Math.floor(random() * limit)
    const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T
    const some = <T>(most: number, make: () => T): T[] => Array.from({ length: below(most + 1) }, make)
    const odd = [canary, '', null, 1e9, -1, 1.5, {}, [], '“$1.00” [1]', true]
    const rarely = (value: unknown): unknown => (random() < 0.01 ? pick(odd) : value)
    const number = () => rarely(1 + below(7))
    const part = () => ({
      phrase: rarely(pick(['none', 'also', 'compared'])),
      item: number(),
      fields: rarely(some(4, () => rarely(pick(fields)))),
      quotes: rarely(some(3, number)),
      ...(random() < 0.01 ? { says: canary } : {}),
    })
    let planned = 0
    for (let run = 0; run < 2_000; run++) {
      const intent = rarely(pick(['list', 'answer', 'ask_which', 'unknown']))
      const texts = said(rarely({ intent, parts: rarely(some(8, part)) }), {
        ...request,
        question: pick(['a desk', 'the cheapest']),
      })
      for (const text of texts ?? []) expect({ text, unread: findUnread(text, items) }).toEqual({ text, unread: null })
      expect(JSON.stringify(texts)).not.toContain(canary)
      planned += texts ? 1 : 0
    }
    expect(planned).toBeGreaterThan(800)
    expect(planned).toBeLessThan(2_000)
  })
})
