import { describe, expect, it } from 'vitest'
import type { Json } from '../../shared/contracts/data'
import { AppError } from '../../shared/contracts/errors'
import { newId } from '../../shared/contracts/ids'
import { newCache } from '../../shared/storage/cache'
import { storeBindings } from '../../shared/testing/data'
import { cartIndex } from './cart-index'

/** A cache that answers each SSCAN with the page of its cursor, as Redis does for a big set. */
const paged = (pages: Record<string, [next: string, members: string[]] | 'down'>) => {
  const data = {
    cache: async ([, , cursor = '']: (string | number)[]): Promise<Json> => {
      const page = pages[String(cursor)]
      if (!page || page === 'down') throw new AppError('cache_error', 'down')
      return page
    },
  }
  return cartIndex(newCache(storeBindings(data)))
}

async function read(pages: AsyncGenerator<string[]>, into: string[][] = []): Promise<string[][]> {
  for await (const page of pages) into.push(page)
  return into
}

describe('the carts that hold a product', () => {
  it('are read page by page until the cursor is back at 0, with cursors beyond 2^53', async () => {
    const [a, b, c] = [newId('usr'), newId('usr'), newId('usr')]
    const { pages } = paged({ '0': ['9007199254740993', [a, b]], '9007199254740993': ['7', []], '7': ['0', [c]] })
    expect(await read(pages(newId('prd')))).toEqual([[a, b], [], [c]])
  })

  it('are unavailable when the cache fails half-way', async () => {
    const a = newId('usr')
    const { pages } = paged({ '0': ['7', [a]], '7': 'down' })
    const received: string[][] = []
    await expect(read(pages(newId('prd')), received)).rejects.toMatchObject({ code: 'unavailable' })
    expect(received).toEqual([[a]])
  })
})
