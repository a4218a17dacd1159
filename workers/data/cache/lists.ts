import type { Json } from '../../../shared/contracts/data'
import { lpos } from './list-search'
import {
  type Command,
  type Commands,
  countOf,
  integerOf,
  noSuchKey,
  ReplyError,
  slice,
  syntaxError,
  wrongArguments,
} from './reply'
import type { Store } from './store'
import { sizeOf, type ValueOf } from './value'

type End = 'LEFT' | 'RIGHT'
type List = ValueOf<'list'>

export const lists: Commands = {
  lpush: [-3, push('LEFT')],
  rpush: [-3, push('RIGHT')],
  lpushx: [-3, pushExisting('LEFT')],
  rpushx: [-3, pushExisting('RIGHT')],
  lpop: [-2, pop('LEFT')],
  rpop: [-2, pop('RIGHT')],
  lrange: [4, lrange],
  llen: [2, (store, [key = '']) => itemsAt(store, key).length],
  lindex: [3, lindex],
  lset: [4, lset],
  linsert: [5, linsert],
  lrem: [4, lrem],
  ltrim: [4, ltrim],
  lpos: [-3, lpos],
  lmove: [5, (store, [from = '', to = '', out, into]) => move(store, { from, to, out: endOf(out), into: endOf(into) })],
  rpoplpush: [3, (store, [from = '', to = '']) => move(store, { from, to, out: 'RIGHT', into: 'LEFT' })],
}

function itemsAt(store: Store, key: string): readonly string[] {
  return store.get(key, 'list')?.items ?? []
}

function lrange(store: Store, [key = '', start, stop]: string[]): string[] {
  const [from, to] = [integerOf(start), integerOf(stop)]
  return slice(itemsAt(store, key), from, to)
}

function lindex(store: Store, [key = '', index]: string[]): string | null {
  const list = store.get(key, 'list')
  return list?.items.at(integerOf(index)) ?? null
}

function totalSize(texts: readonly string[]): number {
  return texts.reduce((bytes, text) => bytes + sizeOf(text), 0)
}

/** Texts are pushed one by one, so that the last one given is the outermost. */
function pushAll(store: Store, key: string, texts: readonly string[], end: End): number {
  const list = store.open(key, 'list')
  list.items = end === 'LEFT' ? [...texts.toReversed(), ...list.items] : list.items
  if (end === 'RIGHT') for (const text of texts) list.items.push(text)
  list.bytes += totalSize(texts)
  const { length } = list.items
  store.settle(key)
  return length
}

function popSome(store: Store, key: string, list: List, count: number, end: End): string[] {
  const { items } = list
  const popped = end === 'LEFT' ? items.splice(0, count) : items.splice(Math.max(0, items.length - count), count).reverse()
  list.bytes -= totalSize(popped)
  store.settle(key)
  return popped
}

function push(end: End): Command {
  return (store, [key = '', ...texts]) => pushAll(store, key, texts, end)
}

function pushExisting(end: End): Command {
  return (store, [key = '', ...texts]) => (store.get(key, 'list') === undefined ? 0 : pushAll(store, key, texts, end))
}

function pop(end: End): Command {
  return (store, [key = '', count, ...rest], name): Json => {
    if (rest.length > 0) throw wrongArguments(name)
    const wanted = count === undefined ? 1 : countOf(count)
    const list = store.get(key, 'list')
    if (list === undefined) return null
    const popped = popSome(store, key, list, wanted, end)
    return count === undefined ? (popped[0] ?? null) : popped
  }
}

function endOf(word: string | undefined): End {
  const end = word?.toUpperCase()
  if (end !== 'LEFT' && end !== 'RIGHT') throw syntaxError()
  return end
}

function move(store: Store, { from, to, out, into }: { from: string; to: string; out: End; into: End }): string | null {
  const list = store.get(from, 'list')
  if (list === undefined) return null
  store.get(to, 'list')
  const [item = ''] = popSome(store, from, list, 1, out)
  pushAll(store, to, [item], into)
  return item
}

/** Puts other items in place of those of a list that is there. */
function replace(store: Store, key: string, list: List, items: string[]): void {
  list.items = items
  list.bytes = totalSize(items)
  store.settle(key)
}

function lset(store: Store, [key = '', index, text = '']: string[]): string {
  const list = store.get(key, 'list')
  if (list === undefined) throw noSuchKey()
  const at = integerOf(index)
  const old = list.items.at(at)
  if (old === undefined) throw new ReplyError('ERR index out of range')
  list.items[at < 0 ? list.items.length + at : at] = text
  list.bytes += sizeOf(text) - sizeOf(old)
  store.settle(key)
  return 'OK'
}

function linsert(store: Store, [key = '', where, pivot = '', text = '']: string[]): number {
  const side = where?.toUpperCase()
  if (side !== 'BEFORE' && side !== 'AFTER') throw syntaxError()
  const list = store.get(key, 'list')
  if (list === undefined) return 0
  const at = list.items.indexOf(pivot)
  if (at < 0) return -1
  list.items.splice(side === 'BEFORE' ? at : at + 1, 0, text)
  list.bytes += sizeOf(text)
  const { length } = list.items
  store.settle(key)
  return length
}

/** A negative count removes from the end, and 0 all. */
function lrem(store: Store, [key = '', count, text = '']: string[]): number {
  const wanted = integerOf(count)
  const list = store.get(key, 'list')
  if (list === undefined) return 0
  const places = list.items.flatMap((item, at) => (item === text ? [at] : []))
  const chosen = new Set(wanted === 0 ? places : wanted > 0 ? places.slice(0, wanted) : places.slice(wanted))
  const kept = list.items.filter((_, at) => !chosen.has(at))
  replace(store, key, list, kept)
  return chosen.size
}

function ltrim(store: Store, [key = '', start, stop]: string[]): string {
  const [from, to] = [integerOf(start), integerOf(stop)]
  const list = store.get(key, 'list')
  if (list !== undefined) replace(store, key, list, slice(list.items, from, to))
  return 'OK'
}
