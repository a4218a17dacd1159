import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { productsOf, sellers } from '../seed/catalogue.ts'
import { articleQuestions } from './article-questions.ts'
import { productQuestions } from './product-questions.ts'

const titles = sellers.flatMap((seller) => productsOf(seller).map(({ title }) => title))

it('asks at least 120 different questions, whose expected sources there are', () => {
  const all = [...productQuestions, ...articleQuestions]
  expect(new Set(all.map(([question]) => question.toLowerCase())).size).toBe(all.length)
  expect(all.length).toBeGreaterThanOrEqual(120)
  expect(productQuestions.flatMap(([, ...sources]) => sources).filter((title) => !titles.includes(title))).toEqual([])
  const isMissing = (name: string) => !existsSync(`workers/ai-buddy/search/articles/${name}.md`)
  expect(articleQuestions.flatMap(([, ...sources]) => sources).filter(isMissing)).toEqual([])
})

it('asks about every product of the seed', () => {
  const asked = new Set(productQuestions.flatMap(([, ...sources]) => sources))
  expect(titles.filter((title) => !asked.has(title))).toEqual([])
})
