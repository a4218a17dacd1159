/** The reasons why a server other than MongoDB fails some cases, by the names of the cases. */
export type Exceptions = Readonly<Record<string, string>>

/**
 * FerretDB 1.24.2 with SQLite. Each of these cases must fail there: one that passes is stale and fails the suite. `supported` is
 * https://docs.ferretdb.io/v1.24/reference/supported-commands/, the other sources are files of v1.24.2.
 */
export const ferretdb: Exceptions = {
  'an aggregation sums and counts in one group':
    'the accumulators after the first see no documents: aggregations/stages/group.go',
  'an update by $push of an array as one item': 'nested arrays are not supported: types/document_validation.go',
  'an array may hold arrays': 'nested arrays are not supported: types/document_validation.go',
  'an updateOne by a sort changes the first': 'a field of MongoDB 8.0',
  'a document larger than 16 MiB is refused': 'the limit is documented and not enforced',
  'an upsert keeps what is null or empty': '$setOnInsert leaves null and empty arrays out; tried, not in its documents',
  'an upsert takes the equalities under $and, too': 'only those at the top level are taken',
  'a findOneAndUpdate projects': 'fields is not implemented: supported, findAndModify',
  'a refused insert names the index': 'E11000 comes without the name of an index',
  'a unique index treats a missing field as null':
    'the index is on a JSON path in SQLite, where what is missing differs from all else',
  'a partial unique index ignores documents outside of its filter':
    'partialFilterExpression is not implemented: supported, createIndexes. `npm run indexes` prints what is made instead',
}
