import { priceIntentOf, withoutPrices } from './price-range'
import { plain, shared, termsOf } from './tokens'

/** Words of a question that say how goods are asked for, not which. */
const asking = termsOf(
  'price prices priced cost costs cheap affordable expensive dear stock available availability left sold sell buy order purchase search looking recommend suggest browse today carry',
)

/** The terms of a question that name goods: oak and desk in `what is the cheapest oak desk under $100?` */
const goodsOf = (question: string): Set<string> =>
  new Set([...termsOf(withoutPrices(plain(question)))].filter((term) => !asking.has(term)))

/**
 * Whether a product is all that a question names, by its title and category: a knife is not the cheapest desk, whatever it costs.
 */
export const fitsAll = ({ title, category }: { title: string; category: string }, question: string): boolean => {
  const goods = goodsOf(question)
  return shared(goods, termsOf(`${title} ${category}`)) === goods.size
}

/** Which extreme of prices a question asks for, if any. To `affordable` and `cheap` the least expensive is an answer as well. */
export function extremeAsked(question: string): 'least' | 'most' | null {
  const words = plain(question)
  const { cheapest, dearest } = priceIntentOf(words)
  if (dearest) return 'most'
  return cheapest || /\b(?:cheap|affordable)\b/.test(words) ? 'least' : null
}
