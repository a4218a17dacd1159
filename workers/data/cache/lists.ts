import type { Json } from '../../../shared/contracts/data'
import { type Command, type Commands, integerOf, ReplyError, slice, syntaxError } from './reply'
import type { Store } from './store'
import { sizeOf } from './value'

export const lists: Commands = {
  lpush: [-3, push((items, texts) => items.unshift(...texts.reverse()))],
  rpush: [-3, push((items, texts) => items.push(...texts))],
  lpop: [-2, pop((items, count) => items.splice(0, count))],
  rpop: [-2, pop((items, count) => items.splice(Math.max(0, items.length - count), count).reverse())],
  lrange: [4, (store, [key = '', start, stop]) => slice(itemsAt(store, key), integerOf(start), integerOf(stop))],
  llen: [2, (store, [key = '']) => itemsAt(store, key).length],
  ltrim: [4, ltrim],
}

function itemsAt(store: Store, key: string): readonly string[] {
  return store.get(key, 'list')?.items ?? []
}

function totalSize(texts: readonly string[]): number {
  return texts.reduce((bytes, text) => bytes + sizeOf(text), 0)
}

function push(work: (items: string[], texts: string[]) => void): Command {
  return (store, [key = '', ...texts]) => {
    const list = store.open(key, 'list')
    work(list.items, texts)
    list.bytes += totalSize(texts)
    const length = list.items.length
    store.settle(key)
    return length
  }
}

function pop(work: (items: string[], count: number) => string[]): Command {
  return (store, [key = '', count, ...rest]): Json => {
    if (rest.length > 0) throw syntaxError()
    const wanted = count === undefined ? 1 : integerOf(count)
    if (wanted < 0) throw new ReplyError('ERR value is out of range, must be positive')
    const list = store.get(key, 'list')
    if (list === undefined) return null
    const popped = work(list.items, wanted)
    list.bytes -= totalSize(popped)
    store.settle(key)
    return count === undefined ? (popped[0] ?? null) : popped
  }
}

function ltrim(store: Store, [key = '', start, stop]: string[]): string {
  const [from, to] = [integerOf(start), integerOf(stop)]
  const list = store.get(key, 'list')
  if (list === undefined) return 'OK'
  list.items = slice(list.items, from, to)
  list.bytes = totalSize(list.items)
  store.settle(key)
  return 'OK'
}
