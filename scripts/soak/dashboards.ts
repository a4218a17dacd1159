import { z } from 'zod'
import { money, split } from '../../shared/contracts/money.ts'
import { demoPassword } from '../seed.ts'
import { api } from '../support/api.ts'
import type { Books } from './books.ts'
import type { Person } from './market.ts'

const figure = z.object({ current: z.number().nullable() })
const Shown = z.object({
  figures: z.object({ placed: figure, canceled: figure, orders: figure, units: figure, gross: figure, refunded: figure }),
})

/** What a dashboard shows; `seller` is null for that of the whole marketplace. */
export type Dashboard = { seller: string | null; figures: Record<keyof z.infer<typeof Shown>['figures'], number | null> }

/** A new token of the operator's: the one from the beginning of a long soak is no longer good. */
export async function operatorToken(base: string): Promise<string> {
  const account = { email: 'operator@example.com', password: demoPassword }
  return (await api(base, 'POST', '/v1/auth/login', { body: account })).json.accessToken
}

/** What an operator is shown of the whole marketplace, and of each seller. */
export const readDashboards = (base: string, token: string, sellers: readonly Person[]): Promise<Dashboard[]> =>
  Promise.all(
    [null, ...sellers.map(({ id }) => id)].map(async (seller) => {
      const query = `currency=USD${seller === null ? '' : `&seller=${seller}`}`
      const { json } = await api(base, 'GET', `/v1/seller/dashboard?${query}`, { token })
      const shown = Object.entries(Shown.parse(json).figures).map(([name, { current }]) => [name, current])
      return { seller, figures: Object.fromEntries(shown) }
    }),
  )

const sumOf = <T>(items: readonly T[], amount: (item: T) => number): number => items.reduce((sum, item) => sum + amount(item), 0)

/** A dashboard against the orders and payments themselves. */
export function dashboardFaults({ seller, figures }: Dashboard, { orders, payments }: Books): string[] {
  const isMine = ({ sellerId }: { sellerId: string }): boolean => seller === null || sellerId === seller
  const placed = orders.filter(({ groups }) => groups.some(isMine))
  const paid = placed.filter(({ history }) => history.some(({ status }) => status === 'paid'))
  const refundedOf = ({ _id, groups }: Books['orders'][number]): number => {
    const refunds = payments.find(({ orderId }) => orderId === _id)?.refunds ?? []
    const total = sumOf(
      refunds.filter(({ status }) => status === 'succeeded'),
      ({ amount }) => amount,
    )
    const weights = groups.map(({ subtotal }) => subtotal.amount)
    const shares = split(money(total, 'USD'), weights)
    return sumOf(groups, (group) => (isMine(group) ? (shares[groups.indexOf(group)]?.amount ?? 0) : 0))
  }
  const truth: Dashboard['figures'] = {
    placed: placed.length,
    canceled: placed.filter(({ reason = '' }) => ['buyer', 'seller'].includes(reason)).length,
    orders: paid.length,
    units: sumOf(paid, ({ items }) => sumOf(items.filter(isMine), ({ quantity }) => quantity)),
    gross: sumOf(paid, ({ groups }) => sumOf(groups.filter(isMine), ({ subtotal }) => subtotal.amount)),
    refunded: sumOf(paid, refundedOf),
  }
  const who = seller ?? 'the marketplace'
  return Object.entries(truth).flatMap(([name, value]) => {
    const shown = figures[name as keyof typeof truth]
    return shown === value ? [] : [`the dashboard of ${who} shows ${name} ${shown}, the orders say ${value}`]
  })
}
