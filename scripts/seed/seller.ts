import type { Currency } from '../../shared/contracts/money'

/** Prices are minor units of the seller's currency. */
export type SeedVariant = { title?: string; options?: Record<string, string>; price: number; stock: number }
export type SeedProduct = { title: string; description: string; category: string; tags: string[]; variants: SeedVariant[] }

/** `ordersPerDay`: how many orders the history of their dashboard has on an average day. */
export type SeedSeller = {
  email: string
  name: string
  storeName: string
  currency: Currency
  ordersPerDay: number
  categories: Record<string, Row[]>
}

/** title, description, tags, price, stock, and what it comes in: each kind of option with its choices, and what each costs more. */
type Row = [string, string, string, number, number, Record<string, Record<string, number>>?]
