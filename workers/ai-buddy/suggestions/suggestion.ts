import type { Instant, ProductId, SuggestionId, UserId, VariantId } from '../../../shared/contracts/ids'
import type { Money } from '../../../shared/contracts/money'
import type { Advice, Finding } from './finding'

export const kinds = ['price', 'stock', 'listing'] as const
export type Kind = (typeof kinds)[number]
export const statuses = ['open', 'dismissed', 'applied'] as const
export type Status = (typeof statuses)[number]

/** Advice to a seller about one subject. There is one for each seller, kind and subject. */
export type Suggestion = Advice & {
  _id: SuggestionId
  key: string
  sellerId: UserId
  productId: ProductId
  /** The product's, when it was computed. */
  title: string
  productVersion: number
  status: Status
  /** A dismissal holds while this stays the same. */
  basis: string
  /** Grows with every write, so that of two that decide on the same state only one succeeds. */
  revision: number
  /** How often it was opened; what is applied in one opening is done once. */
  openings: number
  /** When somebody began to apply it; null when nobody is applying it. */
  applying: Instant | null
  appliedAt: Instant | null
  dismissal: { reason: string | null; at: Instant } | null
  computedAt: Instant
  /** When it was last opened. */
  createdAt: Instant
}

/** The product, and its version, that a finding is about. */
export type About = { sellerId: UserId; productId: ProductId; title: string; productVersion: number }

/** What happens to a suggestion. */
export type Transition = { create: Omit<Suggestion, '_id'> } | { change: Partial<Suggestion> } | 'delete' | 'keep'

/** How long an attempt to apply may take before it counts as failed. */
const applyTimeoutMs = 60_000

export const keyOf = ({ sellerId }: Pick<About, 'sellerId'>, { kind, subject }: Pick<Finding, 'kind' | 'subject'>): string =>
  `${sellerId}:${kind}:${subject}`

/** The transition of a suggestion by a finding whose evidence was read after the suggestion. Pure. */
export function decide(found: Suggestion | null, about: About, { basis, advice, ...subject }: Finding, now: Instant): Transition {
  if (!advice) return found ? withoutAdvice(found, basis, now) : 'keep'
  const computed = { ...about, ...advice, basis, computedAt: now }
  const opened = { ...computed, status: 'open' as const, applying: null, appliedAt: null, dismissal: null, createdAt: now }
  if (!found) return { create: { ...opened, key: keyOf(about, subject), revision: 1, openings: 1 } }
  // The evidence is from after it was applied, so this is new advice.
  if (found.status === 'applied') return { change: { ...opened, openings: found.openings + 1 } }
  if (found.status === 'dismissed' && found.basis !== basis) return { change: { ...opened, openings: found.openings + 1 } }
  const hasTimedOut = found.applying !== null && now >= found.applying + applyTimeoutMs
  if (hasTimedOut) return { change: { ...computed, applying: null } }
  return isSame(found, { ...about, ...advice, basis }) ? 'keep' : { change: computed }
}

/** What stays the same is not written, so that its revision is still the one that the seller saw. */
const isSame = (found: Suggestion, computed: Partial<Suggestion>): boolean =>
  Object.entries(computed).every(([field, value]) => JSON.stringify(found[field as keyof Suggestion]) === JSON.stringify(value))

function withoutAdvice(found: Suggestion, basis: string, now: Instant): Transition {
  if (found.status === 'applied') return 'keep'
  // Other sellers' products may come and go: only a change of what the seller dismissed it for ends a dismissal.
  if (found.status === 'dismissed') return found.basis === basis ? 'keep' : 'delete'
  // Somebody applied it and failed before that was recorded.
  return found.applying === null ? 'delete' : { change: { status: 'applied', applying: null, appliedAt: now } }
}

/** The transition of a suggestion whose product is off sale: gone for good, or a draft, whose dismissals hold until it is back. */
export function expired({ status }: Suggestion, product: 'gone' | 'draft'): Transition {
  if (status === 'applied') return 'keep'
  return status === 'dismissed' && product === 'draft' ? 'keep' : 'delete'
}

/** What a seller may send when they apply a suggestion. */
export type SellerInput = {
  quantity?: number | undefined
  title?: string | undefined
  description?: string | undefined
  tags?: string[] | undefined
  images?: string[] | undefined
}

/** What applying does: change the product, or book units that arrived. */
export type Action =
  | { type: 'revise'; change: { prices?: { variantId: VariantId; unitPrice: Money }[] } & Omit<SellerInput, 'quantity'> }
  | { type: 'receive'; variantId: VariantId; quantity: number }

/** The field that a seller must send to apply a suggestion without a proposal; null when it can be applied as it is. */
export const requiredInput = (suggestion: Advice): keyof SellerInput | null =>
  suggestion.kind === 'listing' && suggestion.proposal === null ? suggestion.evidence.field : null

/** The field that a seller may send in place of the proposal. */
export function allowedInput(suggestion: Advice): keyof SellerInput | null {
  if (suggestion.kind === 'price') return null
  return suggestion.kind === 'stock' ? 'quantity' : suggestion.evidence.field
}

/** What applying a suggestion does with a seller's input, or the field that is missing from it. */
export function actionOf(suggestion: Advice, input: SellerInput): Action | { missing: keyof SellerInput } {
  if (suggestion.kind === 'price') return { type: 'revise', change: { prices: suggestion.proposal.prices } }
  if (suggestion.kind === 'stock') {
    const { variantId } = suggestion.evidence
    return { type: 'receive', variantId, quantity: input.quantity ?? suggestion.proposal.quantity }
  }
  const { field } = suggestion.evidence
  const value = input[field] ?? suggestion.proposal?.[field]
  return value === undefined ? { missing: field } : { type: 'revise', change: { [field]: value } }
}
