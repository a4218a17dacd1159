import { describe, expect, it } from 'vitest'
import { chunkLength, chunksOf, digestOf, maxChunks } from './chunks'

const textsOf = (text: string) => chunksOf(text).map((chunk) => chunk.text)
const sentence = (n: number) => `Sentence number ${n} tells of the oak it is made of.`
const sentences = (count: number) => Array.from({ length: count }, (_, index) => sentence(index))

describe('the passages of a text', () => {
  it('join short paragraphs, each on its own line', () => {
    expect(textsOf('One.\n\nTwo,\nwhich goes on.\n\n \n\nThree.')).toEqual(['One.\nTwo, which goes on.\nThree.'])
  })

  it('begin anew with a paragraph that no longer fits, and leave it uncut', () => {
    const [first, second] = ['a'.repeat(500), 'b'.repeat(500)]
    expect(textsOf(`${first}\n\n${second}`)).toEqual([first, second])
  })

  it('end behind a sentence where a paragraph is long, and hold every sentence whole', () => {
    const passages = textsOf(sentences(200).join(' '))
    expect(passages.length).toBeGreaterThan(10)
    for (const passage of passages) expect(passage.length).toBeLessThanOrEqual(chunkLength)
    for (const each of sentences(200)) expect(passages.some((passage) => passage.includes(each))).toBe(true)
  })

  it('share some words where a paragraph was cut', () => {
    const [first = '', second = ''] = textsOf(sentences(40).join(' '))
    expect(first).toContain(second.slice(0, 60))
  })

  it('leave out a paragraph that differs from an earlier one in case and spacing alone', () => {
    expect(textsOf('Made of  OAK.\n\nOiled.\n\nmade of oak.')).toEqual(['Made of OAK.\nOiled.'])
  })

  it('cut an endless word anywhere, and are no more than the most passages of one source', () => {
    expect(textsOf('x'.repeat(2000)).join('')).toBe('x'.repeat(2000))
    expect(chunksOf('x'.repeat(10_000)).length).toBeLessThan(maxChunks)
    expect(chunksOf(sentences(5000).join(' '))).toHaveLength(maxChunks)
  })

  it('hold all of a description of ten thousand characters', () => {
    const description = sentences(190).join(' ').slice(0, 10_000)
    expect(textsOf(description).at(-1)).toContain(description.slice(-40))
  })

  it('are none for an empty text', () => expect(chunksOf(' \n\n ')).toEqual([]))
})

it('texts that differ in case, width and spacing alone have the same digest', () => {
  expect(digestOf('Ｏak  desk')).toBe(digestOf('oak desk'))
  expect(digestOf('oak desks')).not.toBe(digestOf('oak desk'))
})
