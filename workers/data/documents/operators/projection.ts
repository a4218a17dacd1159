import type { Document, Projection } from '../../../../shared/contracts/data'
import { invalid, unsupported } from '../values/refusal'
import { isObject } from '../values/value'
import { checkPath } from './path'

/** Refuses a projection that does more than name the fields to keep or to leave out. @throws AppError `data_invalid`, `data_unsupported` */
export function checkProjection(projection: unknown): asserts projection is Projection {
  if (!isObject(projection)) throw invalid('A projection must be an object')
  const modes = new Set<string>()
  const paths = Object.keys(projection)
  for (const [path, value] of Object.entries(projection)) {
    checkPath(path, 'projection')
    if (![0, 1, true, false].includes(value))
      throw unsupported(`The projection of '${path}' by ${JSON.stringify(value)} is not supported`)
    if (value === 0 || value === false) {
      if (path !== '_id') modes.add('out')
    } else if (path !== '_id' || paths.length === 1) modes.add('in')
    if (paths.some((other) => other.startsWith(`${path}.`))) throw invalid(`The projection names '${path}' and a part of it`)
  }
  if (modes.size > 1) throw invalid('A projection either names the fields to keep or those to leave out')
  if (modes.has('out') && (projection._id === 1 || projection._id === true)) {
    throw unsupported('A projection that leaves fields out keeps _id by itself')
  }
}

type Tree = Map<string, Tree | true>

/** The documents with only the projected fields, in the order that the fields have in each document. */
export function projectDocuments(documents: readonly Document[], projection: Projection = {}): Document[] {
  const values: [string, unknown][] = Object.entries(projection)
  if (values.length === 0) return [...documents]
  const leavesOut = values.every(([, value]) => value === 0 || value === false)
  const keepsId = values.every(([path, value]) => path !== '_id' || value === 1 || value === true)
  const tree = treeOf(values.map(([path]) => path).filter((path) => path !== '_id'))
  if (leavesOut !== keepsId) tree.set('_id', true)
  return documents.map((document) => (leavesOut ? without(document, tree) : only(document, tree)))
}

function treeOf(paths: readonly string[]): Tree {
  const root: Tree = new Map()
  for (const path of paths) {
    const parts = path.split('.')
    const last = parts.pop() ?? path
    let node = root
    for (const part of parts) {
      const next = node.get(part)
      const child: Tree = next instanceof Map ? next : new Map()
      node.set(part, child)
      node = child
    }
    node.set(last, true)
  }
  return root
}

function only(document: Document, tree: Tree): Document {
  return mapped(document, (value, field) => {
    const below = tree.get(field)
    return below instanceof Map ? inObjects(value, (part) => only(part, below), undefined) : below && value
  })
}

function without(document: Document, tree: Tree): Document {
  return mapped(document, (value, field) => {
    const below = tree.get(field)
    return below instanceof Map ? inObjects(value, (part) => without(part, below), value) : below ? undefined : value
  })
}

const mapped = (document: Document, change: (value: unknown, field: string) => unknown): Document =>
  Object.fromEntries(
    Object.entries(document)
      .map(([field, value]) => [field, change(value, field)] as const)
      .filter(([, value]) => value !== undefined),
  )

/** Changes every object below arrays of any depth. Other values stay when fields are left out, and go when fields are kept. */
function inObjects(value: unknown, change: (part: Document) => Document, scalar: unknown): unknown {
  if (isObject(value)) return change(value)
  if (!Array.isArray(value)) return scalar
  return value
    .map((item) => inObjects(item, change, scalar === undefined ? undefined : item))
    .filter((item) => item !== undefined)
}
