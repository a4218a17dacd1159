import { AppError } from '../../../shared/contracts/errors'
import type { SuggestionId, UserId } from '../../../shared/contracts/ids'
import type { Described } from '../../../shared/contracts/product'
import type { Deps } from '../deps'
import { computeNow } from './recompute'
import { type Deed, deedOf, type Given, givableOf, type Suggestion } from './suggestion'

/** What a seller sends along: what to put in place of the proposal, and which version of the suggestion they saw. */
export type Applying = Given & { version?: number | undefined }

/**
 * Does what is suggested, as the seller. A suggestion that was applied stays so, and is not done twice. What applying changes of a product
 * is decided on the version that the suggestion was computed from.
 * @throws AppError `not_found`, for another seller's too, `invalid_state` when it was dismissed, `conflict` when the product or the
 *   suggestion changed since, `validation_failed` naming the field that only the seller can give
 */
export async function applySuggestion(
  deps: Deps,
  sellerId: UserId,
  id: SuggestionId,
  { version, ...given }: Applying,
): Promise<Suggestion> {
  const found = await present(deps, sellerId, id)
  if (found.status === 'applied') return found
  if (found.status === 'dismissed') throw dismissed()
  if (version !== undefined && version !== found.revision) throw changedSince()
  const deed = deedFor(found, given)
  // What was begun is noted first: if noting the end fails, whoever computes it next sees what it led to.
  if (!(await deps.suggestions.claim(found, deps.now()))) throw changedSince()
  await perform(deps, found, deed)
  return noteApplied(deps, found)
}

/** Does not show a suggestion any more until what it rests on is another. @throws AppError `not_found`, `invalid_state` */
export async function dismissSuggestion(
  deps: Deps,
  sellerId: UserId,
  id: SuggestionId,
  reason: string | null,
): Promise<Suggestion> {
  const dismissal = { reason, at: deps.now() }
  const changed = await deps.suggestions.change(sellerId, id, 'open', { status: 'dismissed', dismissal })
  const suggestion = changed ?? (await present(deps, sellerId, id))
  if (suggestion.status !== 'dismissed') throw new AppError('invalid_state', 'It was applied')
  return suggestion
}

/** Takes a dismissal back. @throws AppError `not_found`, `invalid_state` */
export async function restoreSuggestion(deps: Deps, sellerId: UserId, id: SuggestionId): Promise<Suggestion> {
  const changed = await deps.suggestions.change(sellerId, id, 'dismissed', { status: 'open', dismissal: null })
  const suggestion = changed ?? (await present(deps, sellerId, id))
  if (suggestion.status !== 'open') throw new AppError('invalid_state', 'It was applied')
  // Others may have come to what it is compared with since.
  if (changed) await deps.listings.wake(suggestion.productId, deps.now())
  return suggestion
}

async function present(deps: Deps, sellerId: UserId, id: SuggestionId): Promise<Suggestion> {
  const found = await deps.suggestions.load(sellerId, id)
  if (!found) throw new AppError('not_found')
  return found
}

const dismissed = () => new AppError('invalid_state', 'It was dismissed; restore it first')
const changedSince = () => new AppError('conflict', 'This changed since; look at it once more')

/** @throws AppError `validation_failed` */
function deedFor(suggestion: Suggestion, given: Given): Deed {
  const givable = givableOf(suggestion)
  const surplus = Object.entries(given).find(([field, value]) => value !== undefined && field !== givable)
  if (surplus) throw invalid(surplus[0], 'is not what this suggestion is about')
  const deed = deedOf(suggestion, given)
  if ('missing' in deed) throw invalid(deed.missing, 'only you can give this')
  return deed
}

const invalid = (path: string, message: string) =>
  new AppError('validation_failed', `${path}: ${message}`, { errors: [{ path, message }] })

async function perform(deps: Deps, suggestion: Suggestion, deed: Deed): Promise<void> {
  const { _id, sellerId, productId, productVersion, openings } = suggestion
  try {
    if (deed.does === 'receive') {
      const { variantId, quantity } = deed
      // One receipt per opening: an attempt after one that broke off books nothing more.
      await deps.inventory.receive(sellerId, { id: `${_id}:${openings}`, variantId, quantity }, 'arrived, as suggested')
    } else await deps.product.revise(sellerId, productId, { version: productVersion, ...deed.change })
  } catch (error) {
    const refusal = AppError.from(error)
    // Nobody knows what came of it: the next who computes it, or tries again, finds out.
    if (!refusal || refusal.status >= 500) throw error
    if (refusal.code === 'conflict' && deed.does === 'revise' && (await isDone(deps, suggestion, deed))) return
    await deps.suggestions.claim(suggestion, null)
    if (refusal.code !== 'conflict' && refusal.code !== 'not_found') throw refusal
    await computeNow(deps, productId)
    throw refusal.code === 'conflict' ? changedSince() : refusal
  }
}

/** Whether the product already is what it would be, as after an attempt that broke off. */
async function isDone({ product }: Deps, { productId }: Suggestion, { change }: Extract<Deed, { does: 'revise' }>) {
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

/** What was done was done, whatever somebody else has made of the suggestion meanwhile. */
async function noteApplied({ suggestions, now }: Deps, done: Suggestion): Promise<Suggestion> {
  const { _id, sellerId } = done
  const applied = { status: 'applied' as const, applying: null, dismissal: null, appliedAt: now() }
  for (const status of ['open', 'dismissed'] as const) {
    const noted = await suggestions.change(sellerId, _id, status, applied)
    if (noted) return noted
  }
  const suggestion = { ...done, ...applied }
  await suggestions.putBack(suggestion)
  return (await suggestions.load(sellerId, _id)) ?? suggestion
}
