import { describe, expect, it } from 'vitest'
import { chunkLength, chunksOf, digestOf, maxChunks } from './chunks'

const textsOf = (text: string) => chunksOf(text).map((chunk) => chunk.text)
const sentence = (n: number) => `Sentence number ${n} tells of the oak it is made of.`
const sentences = (count: number) => Array.from({ length: count }, (_, index) => sentence(index))

describe('a text becomes passages', () => {
  it('short paragraphs go together, each on a line of its own', () => {
    expect(textsOf('One.\n\nTwo,\nwhich goes on.\n\n \n\nThree.')).toEqual(['One.\nTwo, which goes on.\nThree.'])
  })

  it('a paragraph that no longer fits begins a passage, uncut', () => {
    const [first, second] = ['a'.repeat(500), 'b'.repeat(500)]
    expect(textsOf(`${first}\n\n${second}`)).toEqual([first, second])
  })

  it('a long paragraph is cut behind sentences, and every sentence is whole in some passage', () => {
    const passages = textsOf(sentences(200).join(' '))
    expect(passages.length).toBeGreaterThan(10)
    for (const passage of passages) expect(passage.length).toBeLessThanOrEqual(chunkLength)
    for (const each of sentences(200)) expect(passages.some((passage) => passage.includes(each))).toBe(true)
  })

  it('what is cut shares some words with what comes after', () => {
    const [first = '', second = ''] = textsOf(sentences(40).join(' '))
    expect(first).toContain(second.slice(0, 60))
  })

  it('what is said twice in other letters and spaces stands there once, where it came first', () => {
    expect(textsOf('Made of  OAK.\n\nOiled.\n\nmade of oak.')).toEqual(['Made of OAK.\nOiled.'])
  })

  it('a word without end is cut somewhere, and a text without end is let go', () => {
    expect(textsOf('x'.repeat(2000)).join('')).toBe('x'.repeat(2000))
    expect(chunksOf('x'.repeat(10_000)).length).toBeLessThan(maxChunks)
    expect(chunksOf(sentences(5000).join(' '))).toHaveLength(maxChunks)
  })

  it('ten thousand characters of a description are all found', () => {
    const description = sentences(190).join(' ').slice(0, 10_000)
    expect(textsOf(description).at(-1)).toContain(description.slice(-40))
  })

  it('nothing has no passages', () => expect(chunksOf(' \n\n ')).toEqual([]))
})

it('texts that say the same have one digest', () => {
  expect(digestOf('Ｏak  desk')).toBe(digestOf('oak desk'))
  expect(digestOf('oak desks')).not.toBe(digestOf('oak desk'))
})
