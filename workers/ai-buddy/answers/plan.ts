import type { Context, Proposal } from '../context/context-item'
import type { CopyKey } from './copy'

/** What an answer may state of an item besides its name. */
export const fields = ['price', 'stock', 'status', 'date', 'items', 'total', 'parcels'] as const
export type Field = (typeof fields)[number]
export const fieldsOf = {
  product: ['price', 'stock'],
  article: [],
  order: ['status', 'date', 'items', 'total', 'parcels'],
  cart: ['total', 'items'],
} as const satisfies Record<Context['kind'], readonly Field[]>

/**
 * A part of an answer. Whoever plans only points: `n` is the number of an item, `sentences` are numbers of its sentences from 1. Words and
 * figures come from the items alone, by render.ts.
 */
export type PlanPart =
  | { type: 'copy'; key: CopyKey }
  | { type: 'fields'; n: number; fields: readonly Field[] }
  | { type: 'quote'; n: number; sentences: readonly number[] }
  /** The product that costs least or most of those read. */
  | { type: 'extreme'; n: number; price: 'least' | 'most' }
  | { type: 'proposal'; n: number; proposal: Proposal }
  | { type: 'added'; n: number; proposal: Proposal }

/** What an answer says, in order. A model and the program both make one; nothing else is rendered. */
export type Plan = readonly PlanPart[]

export const say = (...keys: CopyKey[]): PlanPart[] => keys.map((key) => ({ type: 'copy', key }))
