import { AppError } from '../../../shared/contracts/errors'
import type { Instant, SuggestionId, UserId } from '../../../shared/contracts/ids'
import type { InventoryApi } from '../../../shared/contracts/inventory'
import type { Described, ProductApi } from '../../../shared/contracts/product'
import type { ListingRepo } from './listing-repo'
import { type RecomputeNeeds, recomputeProduct } from './recompute'
import type { SuggestionRepo } from './repo'
import { type Action, actionOf, allowedInput, type SellerInput, type Suggestion } from './suggestion'

/** What a seller sends: what to put in place of the proposal, and the version of the suggestion that they saw. */
export type ApplyRequest = SellerInput & { version?: number | undefined }

type Suggestions<Verb extends keyof SuggestionRepo> = { suggestions: Pick<SuggestionRepo, Verb>; now(): Instant }
type ApplyNeeds = RecomputeNeeds &
  Suggestions<'load' | 'claim' | 'release' | 'change' | 'restore'> & {
    product: Pick<ProductApi, 'revise'>
    inventory: Pick<InventoryApi, 'receive'>
  }

/**
 * Does what is suggested, as the seller, on the version of the product that the suggestion was computed from. One that was applied stays
 * so and is not done twice.
 * @throws AppError `not_found`, for another seller's too, `invalid_state` when it was dismissed, `conflict` when the product or the
 *   suggestion changed since, `validation_failed` naming the field that only the seller can give
 */
export async function applySuggestion(
  deps: ApplyNeeds,
  sellerId: UserId,
  id: SuggestionId,
  { version, ...input }: ApplyRequest,
): Promise<Suggestion> {
  const found = await loadOwn(deps, sellerId, id)
  if (found.status === 'applied') return found
  if (found.status === 'dismissed') throw dismissed()
  if (version !== undefined && version !== found.revision) throw changedSince()
  const action = actionFor(found, input)
  // The beginning is recorded first: if recording the end fails, the next recomputation sees what was done.
  if (!(await deps.suggestions.claim(found, deps.now()))) throw changedSince()
  await perform(deps, found, action)
  return recordApplied(deps, found)
}

/** Hides a suggestion until its basis changes. @throws AppError `not_found`, `invalid_state` */
export async function dismissSuggestion(
  deps: Suggestions<'load' | 'change'>,
  sellerId: UserId,
  id: SuggestionId,
  reason: string | null,
): Promise<Suggestion> {
  const dismissal = { reason, at: deps.now() }
  const changed = await deps.suggestions.change(sellerId, id, 'open', { status: 'dismissed', dismissal })
  const suggestion = changed ?? (await loadOwn(deps, sellerId, id))
  if (suggestion.status !== 'dismissed') throw new AppError('invalid_state', 'It was applied')
  return suggestion
}

/** Takes a dismissal back. @throws AppError `not_found`, `invalid_state` */
export async function restoreSuggestion(
  deps: Suggestions<'load' | 'change'> & { listings: Pick<ListingRepo, 'markDirty'> },
  sellerId: UserId,
  id: SuggestionId,
): Promise<Suggestion> {
  const changed = await deps.suggestions.change(sellerId, id, 'dismissed', { status: 'open', dismissal: null })
  const suggestion = changed ?? (await loadOwn(deps, sellerId, id))
  if (suggestion.status !== 'open') throw new AppError('invalid_state', 'It was applied')
  // What it is compared with may have changed since.
  if (changed) await deps.listings.markDirty(suggestion.productId, deps.now())
  return suggestion
}

async function loadOwn(
  { suggestions }: { suggestions: Pick<SuggestionRepo, 'load'> },
  sellerId: UserId,
  id: SuggestionId,
): Promise<Suggestion> {
  const found = await suggestions.load(sellerId, id)
  if (!found) throw new AppError('not_found')
  return found
}

const dismissed = () => new AppError('invalid_state', 'It was dismissed; restore it first')
const changedSince = () => new AppError('conflict', 'It changed since you read it; read it again')

/** @throws AppError `validation_failed` */
function actionFor(suggestion: Suggestion, input: SellerInput): Action {
  const allowed = allowedInput(suggestion)
  const surplus = Object.entries(input).find(([field, value]) => value !== undefined && field !== allowed)
  if (surplus) throw invalid(surplus[0], 'is not what this suggestion is about')
  const action = actionOf(suggestion, input)
  if ('missing' in action) throw invalid(action.missing, 'only you can give this')
  return action
}

const invalid = (path: string, message: string) =>
  new AppError('validation_failed', `${path}: ${message}`, { errors: [{ path, message }] })

async function perform(deps: ApplyNeeds, suggestion: Suggestion, action: Action): Promise<void> {
  const { _id, sellerId, productId, productVersion, openings } = suggestion
  try {
    if (action.type === 'receive') {
      const { variantId, quantity } = action
      // One receipt per opening: a second attempt books nothing more.
      await deps.inventory.receive(sellerId, { id: `${_id}:${openings}`, variantId, quantity }, 'arrived, as suggested')
    } else await deps.product.revise(sellerId, productId, { version: productVersion, ...action.change })
  } catch (error) {
    const refusal = AppError.from(error)
    // It may have been done or not: the next recomputation or attempt finds out.
    if (!refusal || refusal.status >= 500) throw error
    if (refusal.code === 'conflict' && action.type === 'revise' && (await isDone(deps, suggestion, action))) return
    await deps.suggestions.release(suggestion)
    if (refusal.code !== 'conflict' && refusal.code !== 'not_found') throw refusal
    await recomputeProduct(deps, productId)
    throw refusal.code === 'conflict' ? changedSince() : refusal
  }
}

/** Whether the product already has the change, as after an attempt that failed half-way. */
async function isDone(
  { product }: { product: Pick<ProductApi, 'describe'> },
  { productId }: Suggestion,
  { change }: Extract<Action, { type: 'revise' }>,
): Promise<boolean> {
  const [described] = await product.describe([productId])
  if (!described) return false
  const { prices = [], ...rest } = change
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
  return (
    prices.every(({ variantId, unitPrice }) => same(priceOf(described, variantId), [unitPrice.amount, unitPrice.currency])) &&
    Object.entries(rest).every(([field, value]) => same(described[field as keyof Described], value))
  )
}

function priceOf({ variants }: Described, wanted: string): [number, string] | undefined {
  const found = variants.find(({ variantId }) => variantId === wanted)
  return found && [found.unitPrice.amount, found.unitPrice.currency]
}

/** What was done is recorded as applied, even if the suggestion was dismissed or deleted meanwhile. */
async function recordApplied(
  { suggestions, now }: Suggestions<'change' | 'restore' | 'load'>,
  done: Suggestion,
): Promise<Suggestion> {
  const { _id, sellerId } = done
  const applied = { status: 'applied' as const, applying: null, dismissal: null, appliedAt: now() }
  for (const status of ['open', 'dismissed'] as const) {
    const changed = await suggestions.change(sellerId, _id, status, applied)
    if (changed) return changed
  }
  const suggestion = { ...done, ...applied }
  await suggestions.restore(suggestion)
  return (await suggestions.load(sellerId, _id)) ?? suggestion
}
