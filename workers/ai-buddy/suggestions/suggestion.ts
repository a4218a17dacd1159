import type { Instant, ProductId, SuggestionId, UserId, VariantId } from '../../../shared/contracts/ids'
import type { Money } from '../../../shared/contracts/money'
import type { Finding, Verdict } from './finding'

export const kinds = ['price', 'stock', 'listing'] as const
export type Kind = (typeof kinds)[number]
export const statuses = ['open', 'dismissed', 'applied'] as const
export type Status = (typeof statuses)[number]

/** What is suggested to a seller about one subject, or was. There is one for each seller, kind and subject. */
export type Suggestion = Finding & {
  _id: SuggestionId
  key: string
  sellerId: UserId
  productId: ProductId
  /** The product's, when it was computed. */
  title: string
  productVersion: number
  status: Status
  /** What it rests on, by which a dismissal holds or ends. */
  basis: string
  /** Grows with every write, so that of two that decide on the same state one finds out. */
  revision: number
  /** How often it was opened; what is applied in one opening is done once. */
  openings: number
  /** When somebody began to apply it; null when nobody is at it. */
  applying: Instant | null
  appliedAt: Instant | null
  dismissal: { reason: string | null; at: Instant } | null
  computedAt: Instant
  /** When it was opened the last time. */
  createdAt: Instant
}

/** Of which version of what product a verdict is. */
export type About = { sellerId: UserId; productId: ProductId; title: string; productVersion: number }

/** What becomes of a suggestion: it is made, changed, deleted, or stays as it is. */
export type Fate = { make: Omit<Suggestion, '_id'> } | { change: Partial<Suggestion> } | 'delete' | 'keep'

/** How long somebody who applies is waited for before what they began counts as broken off. */
const applyingFor = 60_000

export const keyOf = ({ sellerId }: Pick<About, 'sellerId'>, { kind, subject }: Pick<Verdict, 'kind' | 'subject'>): string =>
  `${sellerId}:${kind}:${subject}`

/** What a verdict on facts, which were read after `found` was, makes of the suggestion that is there. Pure. */
export function decide(found: Suggestion | null, about: About, { basis, finding, ...verdict }: Verdict, now: Instant): Fate {
  if (!finding) return found ? withoutFinding(found, basis, now) : 'keep'
  const computed = { ...about, ...finding, basis, computedAt: now }
  const opened = { ...computed, status: 'open' as const, applying: null, appliedAt: null, dismissal: null, createdAt: now }
  if (!found) return { make: { ...opened, key: keyOf(about, verdict), revision: 1, openings: 1 } }
  // What was applied and is so again, by facts from after that, is a new one.
  if (found.status === 'applied') return { change: { ...opened, openings: found.openings + 1 } }
  if (found.status === 'dismissed' && found.basis !== basis) return { change: { ...opened, openings: found.openings + 1 } }
  const isOver = found.applying !== null && now >= found.applying + applyingFor
  if (isOver) return { change: { ...computed, applying: null } }
  return saysSame(found, { ...about, ...finding, basis }) ? 'keep' : { change: computed }
}

/** What stays the same is not written, so that whoever applies it applies what they saw. */
const saysSame = (found: Suggestion, computed: Partial<Suggestion>): boolean =>
  Object.entries(computed).every(([field, value]) => JSON.stringify(found[field as keyof Suggestion]) === JSON.stringify(value))

/** There is nothing to suggest any more. */
function withoutFinding(found: Suggestion, basis: string, now: Instant): Fate {
  if (found.status === 'applied') return 'keep'
  // A dismissal outlasts that others came and went; only what the seller dismissed it for ends it.
  if (found.status === 'dismissed') return found.basis === basis ? 'keep' : 'delete'
  // Whoever applied it broke off before they could note that they had.
  return found.applying === null ? 'delete' : { change: { status: 'applied', applying: null, appliedAt: now } }
}

/** What becomes of a suggestion about a product that is off sale: for good, or as a draft, whose dismissals still hold when it is back. */
export function outlived({ status }: Suggestion, how: 'gone' | 'resting'): Fate {
  if (status === 'applied') return 'keep'
  return status === 'dismissed' && how === 'resting' ? 'keep' : 'delete'
}

/** What a seller may give when they apply a suggestion. */
export type Given = {
  quantity?: number | undefined
  title?: string | undefined
  description?: string | undefined
  tags?: string[] | undefined
  images?: string[] | undefined
}

/** What applying does: changes of the product, or units that arrived. */
export type Deed =
  | { does: 'revise'; change: { prices?: { variantId: VariantId; unitPrice: Money }[] } & Omit<Given, 'quantity'> }
  | { does: 'receive'; variantId: VariantId; quantity: number }

/** The field that a seller must give to apply a suggestion, since nothing could be proposed; null when it applies as it is. */
export const neededOf = (suggestion: Finding): keyof Given | null =>
  suggestion.kind === 'listing' && suggestion.proposal === null ? suggestion.evidence.field : null

/** The field that a seller may give in place of what is proposed. */
export function givableOf(suggestion: Finding): keyof Given | null {
  if (suggestion.kind === 'price') return null
  return suggestion.kind === 'stock' ? 'quantity' : suggestion.evidence.field
}

/** What applying a suggestion does, with what the seller gave, or the field that they must give. */
export function deedOf(suggestion: Finding, given: Given): Deed | { missing: keyof Given } {
  if (suggestion.kind === 'price') return { does: 'revise', change: { prices: suggestion.proposal.prices } }
  if (suggestion.kind === 'stock') {
    const { variantId } = suggestion.evidence
    return { does: 'receive', variantId, quantity: given.quantity ?? suggestion.proposal.quantity }
  }
  const { field } = suggestion.evidence
  const value = given[field] ?? suggestion.proposal?.[field]
  return value === undefined ? { missing: field } : { does: 'revise', change: { [field]: value } }
}
