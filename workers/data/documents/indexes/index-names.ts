import type { Index } from '../../../../shared/contracts/data'

type Named = Index & { name: string }

/** The name that MongoDB gives to an index, such as `seller_1_createdAt_-1`. */
export function nameOf({ keys }: Index): string {
  const entries = Object.entries(keys)
  return entries.length === 1 && keys._id !== undefined
    ? '_id_'
    : entries.map(([path, direction]) => `${path}_${direction}`).join('_')
}

/** The indexes of a collection as MongoDB lists them; none for a collection that is not there. */
export function listIndexes(indexes: readonly Index[] | undefined): Named[] {
  if (indexes === undefined) return []
  return [{ name: '_id_', keys: { _id: 1 } }, ...indexes.map((index) => ({ name: nameOf(index), ...index }))]
}
