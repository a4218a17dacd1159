import { env } from 'cloudflare:workers'
import type { Order, Payment } from '../book-invariants'

type Sums = { placed: number; orders: number; units: number; money: Record<string, { gross: number; refunded: number }> }
type Dashboards = {
  DASHBOARDS: { getByName(name: string): { series(periods: { from: number; until: number }[]): Promise<Sums[]> } }
}

const always = { from: 0, until: Date.UTC(2200, 0, 1) }
const sum = <T>(all: readonly T[], amount: (each: T) => number): number => all.reduce((total, each) => total + amount(each), 0)

/** Where the dashboard of the marketplace shows anything else than the orders and payments say. */
export async function figuresIn(orders: readonly Order[], payments: readonly Payment[]): Promise<string[]> {
  const [shown] = await (env as unknown as Dashboards).DASHBOARDS.getByName('marketplace').series([always])
  const paid = orders.filter(({ history }) => history.some(({ status }) => status === 'paid'))
  const known = new Set(paid.map(({ _id }) => _id))
  const refunds = payments.flatMap(({ orderId, refunds: all }) => (known.has(orderId) ? all : []))
  const truth = {
    placed: orders.length,
    orders: paid.length,
    units: sum(paid, ({ items }) => sum(items, ({ quantity }) => quantity)),
    gross: sum(paid, ({ totals }) => totals.grand.amount),
    refunded: sum(refunds, ({ amount, status }) => (status === 'succeeded' ? amount : 0)),
  }
  const money = Object.values(shown?.money ?? {})
  const seen = {
    ...{ placed: shown?.placed, orders: shown?.orders, units: shown?.units },
    ...{ gross: sum(money, ({ gross }) => gross), refunded: sum(money, ({ refunded }) => refunded) },
  }
  return Object.entries(truth).flatMap(([name, value]) =>
    seen[name as keyof typeof seen] === value
      ? []
      : [`the dashboard shows ${name} ${seen[name as keyof typeof seen]}, not ${value}`],
  )
}
