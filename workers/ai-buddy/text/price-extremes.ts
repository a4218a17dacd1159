import type { ProductContext } from '../context/context-item'
import { shared, termsOf } from '../context/tools'
import { plain } from '../conversation/intent'
import { stemsOf } from '../suggestions/listing'
import { priceWishOf, withoutPrices } from './price-range'
import { contentOf } from './stopwords'
import { keywordsOf } from './tokens'

/** Words of a question that say how goods are asked for, not which. */
const asking = contentOf(
  'price prices priced cost costs cheap affordable expensive dear stock available availability left sold sell buy order purchase order search looking recommend suggest browse today got carry',
)

/** What words of a text name goods, `writing` of a writing desk among them, as it is not of what joins words. */
export const goodsIn = (text: string): Set<string> => new Set(stemsOf(keywordsOf(text).join(' ')))

/** What a question says of the goods themselves: `what is the cheapest oak desk under $100?` has oak and desk. */
function goodsOf(question: string): Set<string> {
  const words = withoutPrices(plain(question))
  // Without such words keywords are all that there is.
  const isOfAny = [...termsOf(words)].every((term) => asking.has(term))
  return new Set(isOfAny ? [] : [...goodsIn(words)].filter((term) => !asking.has(term)))
}

/**
 * Whether a product is all that a question names, by its title and category: only of such products one may be told to cost least or most,
 * or a knife would be the cheapest desk.
 */
export const fitsAll = ({ title, category }: Pick<ProductContext, 'title' | 'category'>, question: string): boolean => {
  const goods = goodsOf(question)
  return shared(goods, goodsIn(`${title} ${category}`)) === goods.size
}

/** The one price that was asked for, if it was. `affordable` and `cheap` are wishes that the least expensive answers as well. */
export function extremeAsked(question: string): 'least' | 'most' | null {
  const words = plain(question)
  const { cheapest, dearest } = priceWishOf(words)
  if (dearest) return 'most'
  return cheapest || /\b(?:cheap|affordable)\b/.test(words) ? 'least' : null
}
