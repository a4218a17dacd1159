import type { OrderSummary } from '../../../shared/contracts/order'
import type { ProductRead } from '../context/context-item'
import { itemName } from '../context/labels'
import { namedIn, type Segment, type Support, subjectsOf, withoutNames } from './support'

const turned = String.raw`\b(?:not|never|n't|isn't|aren't|wasn't|hasn't|haven't|no longer|yet to)\s+(?:\w+\s+){0,2}`
const stock = [
  {
    says: new RegExp(`\\b(?:sold out|out of stock|unavailable)\\b|${turned}(?:in stock|available|left|on sale)`, 'i'),
    holds: isOut,
  },
  {
    says: /\b(?:few|only|just|last|nearly|almost|low|limited)\b[^.;]*\b(?:left|stock|available|remaining|pieces?|units?)\b|\b(?:nearly|almost) (?:sold out|gone)\b/i,
    holds: isLow,
  },
  { says: /\b(?:in stock|available|remaining|left|on sale)\b/i, holds: (read: ProductRead) => !isOut(read) },
]

function isOut({ availability, available }: ProductRead): boolean {
  return availability === 'out' || available <= 0
}
function isLow(read: ProductRead): boolean {
  return read.availability === 'low' && !isOut(read)
}

/** The first thing said of stock, of an order's progress or of a line of a cart that is not so. */
export function findWrongState({ text, cited }: Segment): string | null {
  const bare = withoutNames(text, cited)
  return (
    findForetold(cited, bare) ??
    findWrongStock(cited, bare) ??
    findWrongProgress(cited, bare) ??
    findWrongLine({ text, cited }, bare)
  )
}

const foretold =
  /\b(?:will|would|shall|should|may|might|could|soon|going to)\b[^.;]*\b(?:available|in stock|left|sold out|on sale|paid|shipped|sent|dispatched|delivered|arrived?|cancell?ed|refunded)\b/i

/** What is to come of stock and orders, nobody has read, unless it is a rule. */
const findForetold = (cited: readonly Support[], bare: string): string | null =>
  cited.some(({ read }) => read.kind === 'article') ? null : (foretold.exec(bare)?.[0] ?? null)

function findWrongStock(cited: readonly Support[], bare: string): string | null {
  const products = cited.flatMap(({ read }) => (read.kind === 'product' ? [read] : []))
  let left = bare
  for (const { says, holds } of stock) {
    for (let found = says.exec(left); found; found = says.exec(left)) {
      if (!products.every(holds)) return found[0]
      // So that `not in stock` is not read as `in stock`.
      left = left.slice(0, found.index) + ' '.repeat(found[0].length) + left.slice(found.index + found[0].length)
    }
  }
  return null
}

type Parcel = OrderSummary['parcels'][number]

const wasPaid = ['paid', 'shipped', 'delivered', 'refunded'] as const
const progress: { says: string; holds: (order: OrderSummary, parcels: Parcel[]) => boolean }[] = [
  { says: 'pending', holds: ({ status }) => status === 'pending' },
  { says: 'paid', holds: ({ status }) => wasPaid.some((known) => known === status) },
  { says: 'shipped|sent|dispatched', holds: (_, parcels) => every(parcels, ({ shippedAt }) => shippedAt !== null) },
  { says: 'delivered|arrived', holds: (_, parcels) => every(parcels, ({ deliveredAt }) => deliveredAt !== null) },
  {
    says: 'on (?:its|the|their) way',
    holds: (_, parcels) => every(parcels, ({ shippedAt, deliveredAt }) => shippedAt !== null && deliveredAt === null),
  },
  {
    says: 'cancell?ed',
    holds: ({ status }, parcels) => status === 'canceled' || every(parcels, (parcel) => parcel.status === 'canceled'),
  },
  { says: 'refunded', holds: ({ status }) => status === 'refunded' },
  { says: 'failed', holds: ({ status }) => status === 'failed' },
]

/** What shall or can happen, rather than what did. */
const otherForm =
  /\b(?:pays?|paying|ships?|shipping|dispatch(?:es|ing)?|delivers?|delivering|arriv(?:es?|ing)|cancels?|cancell?ing|refunds?|refunding|fails?|failing)\b/i

const every = (parcels: readonly Parcel[], holds: (parcel: Parcel) => boolean): boolean =>
  parcels.length > 0 && parcels.every(holds)

function findWrongProgress(cited: readonly Support[], bare: string): string | null {
  const orders = cited.flatMap(({ read }) => (read.kind === 'order' ? [read.order] : []))
  if (orders.length === 0 || cited.some(({ read }) => read.kind === 'article')) return null
  const other = otherForm.exec(bare)
  if (other) return other[0]
  const numbered = /\b(?:parcel|package) (\d+)\b/i.exec(bare)
  for (const { says, holds } of progress) {
    for (const found of bare.matchAll(new RegExp(`(${turned})?\\b(?:${says})\\b`, 'gi'))) {
      const isDenied = found[1] !== undefined
      const isWrong = orders.some((order) => {
        const parcels = numbered
          ? order.parcels.slice(Number(numbered[1]) - 1, Number(numbered[1]))
          : order.parcels.filter(({ status }) => status !== 'canceled')
        if (isDenied) return parcels.length === 0 ? holds(order, parcels) : parcels.some((parcel) => holds(order, [parcel]))
        return !(holds(order, parcels) || (!numbered && new RegExp(`^(?:${says})$`).test(order.status)))
      })
      if (isWrong) return found[0]
    }
  }
  return null
}

const lines = [
  { says: /\b(?:sold out|out of stock)\b/i, status: 'out' },
  { says: /\b(?:gone|no longer sold)\b/i, status: 'gone' },
  { says: /\b(?:few left|low)\b/i, status: 'low' },
] as const

function findWrongLine({ text, cited }: Segment, bare: string): string | null {
  const subjects = subjectsOf(text, namedIn(text, cited))
  for (const { read } of cited) {
    if (read.kind !== 'cart') continue
    if (/\bempty\b/i.test(bare) && read.cart.items.length > 0) return 'empty'
    for (const { says, status } of lines) {
      const found = says.exec(bare)
      if (!found) continue
      const said = subjects.findLast(({ at }) => at < found.index)?.names ?? []
      const is = (name: string) => read.cart.items.some((item) => itemName(item.title) === name && item.status === status)
      if (said.length === 0 || !said.every(({ name }) => is(name))) return found[0]
    }
  }
  return null
}
