import { retryOnConflict } from './outbox'

/** Where a document is loaded from and what is decided about it is saved. `save` throws AppError `conflict` when another writer was first. */
type Changeable<Id, Found, Decision, Saved> = {
  load(id: Id): Promise<Found | null>
  save(found: Found, decision: Decision): Promise<Saved>
}

/**
 * The one way to change a document: load, decide, save; again from the start when another writer came in between. `start` is the
 * document's id, or the document as the caller has it, which is loaded only when it has changed since. `decide` answers null when
 * there is nothing to change. Returns the document as it then is; null when there is none.
 * @throws AppError `conflict` after `attempts`, and what `decide` throws
 */
export async function change<Id extends string, Found extends { _id: Id }, Decision, Saved = Found>(
  { load, save }: Changeable<Id, Found, Decision, Saved>,
  start: Id | Found,
  decide: (found: Found) => Decision | null | Promise<Decision | null>,
  attempts?: number,
): Promise<Found | Saved | null> {
  let held = typeof start === 'string' ? null : start
  const id = typeof start === 'string' ? start : start._id
  return retryOnConflict(async () => {
    const found = held ?? (await load(id))
    held = null
    if (!found) return null
    const decision = await decide(found)
    return decision === null ? found : save(found, decision)
  }, attempts)
}
