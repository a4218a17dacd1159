import type { Document } from '../../../../shared/contracts/data'
import { invalid } from '../values/refusal'
import { fieldOf, isObject } from '../values/value'
import { type Change, put } from './change'
import { checkPath } from './path'

/** A renaming: `$set` of a value at its new path, once it has been taken from its old one. */
export type Renaming = { to: string; changeOf: (document: Document) => Change | undefined }

/** @throws AppError `data_invalid`, and its result too where a path leads through an array */
export function compileRename(from: string, to: unknown): Renaming {
  if (typeof to !== 'string') throw invalid(`$rename of '${from}' needs the new name as text`)
  for (const path of [from, to]) {
    if (path.includes('$')) throw invalid(`$rename: '${path}' is not the path of a field`)
    checkPath(path, '$rename', 'updates')
  }
  if (from === to) throw invalid(`$rename of '${from}' to itself`)
  return {
    to,
    changeOf: (document) => {
      const source = parentOf(document, from)
      const field = from.split('.').at(-1) ?? from
      if (source === undefined || !Object.hasOwn(source, field)) return undefined
      parentOf(document, to)
      const value = source[field]
      delete source[field]
      return {
        creates: true,
        apply: (parent, name) => {
          put(parent, name, value)
          return true
        },
      }
    },
  }
}

/** The object that holds the last part of a path, undefined when the way there is missing. */
function parentOf(document: Document, path: string): Document | undefined {
  let parent: unknown = document
  for (const part of path.split('.').slice(0, -1)) {
    if (!isObject(parent)) return undefined
    parent = fieldOf(parent, part)
    if (Array.isArray(parent)) throw invalid(`$rename: '${path}' leads through the array '${part}'`)
  }
  return isObject(parent) ? parent : undefined
}
