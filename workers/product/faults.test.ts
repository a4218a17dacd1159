import { expect } from 'vitest'
import type { Envelope } from '../../shared/contracts/events'
import { newId } from '../../shared/contracts/ids'
import { anActor, anEvent } from '../../shared/testing/factories'
import { type Faulty, faultBattery, faultyObjects, outcomeOf, outcomeOfMessage } from '../../shared/testing/fault-battery'
import { call } from '../../shared/testing/http'
import { deliver } from '../../shared/testing/queue'
import worker from './index'
import { sweep } from './sweep'
import { aDraft, aProductWorker } from './testing/fixtures'

/** A product on sale, and its Worker; the named store goes through `fault`. */
async function aProduct(fault: Faulty, store: 'CACHE' | 'DATABASE') {
  const sent: Envelope[] = []
  const inbox = { sendBatch: async (messages: { body: Envelope }[]) => void sent.push(...messages.map(({ body }) => body)) }
  const { env, endpoint, deps } = aProductWorker()
  Object.assign(env, { [store]: faultyObjects(env[store], fault), QUEUE_CART: inbox })
  const seller = anActor('seller')
  const { json } = await call(endpoint, 'POST', '/v1/products', { actor: seller, body: aDraft() })
  const path = `/v1/products/${json.id}`
  const variantId: `var_${string}` = json.variants[0].id
  return {
    ...{ env, deps, path, variantId, id: json.id as `prd_${string}` },
    get: (what = path) => call(endpoint, 'GET', what),
    rename: (title: string) => call(endpoint, 'PATCH', path, { actor: seller, body: { title } }),
    publishedTitles: () => sent.flatMap(({ subject, data }) => (subject === json.id && 'title' in data ? [data.title] : [])),
    receive: async (availability: 'in' | 'out', version: number) => {
      const stock = { version, variantId, productId: json.id, sellerId: seller.userId, available: 0, previous: 'in' as const }
      const event = anEvent('stock.changed', variantId, { ...stock, availability })
      return outcomeOfMessage(await deliver(worker.queue, env, 'product', [event]))
    },
  }
}

faultBattery('cache', 'product', {
  'product GET /v1/products': async (fault) => {
    const { env, get, id } = await aProduct(fault, 'CACHE')
    const shown = async () => {
      const page = await get('/v1/products')
      expect(page.json.items[0].id).toBe(id)
      return page
    }
    return { env, act: async () => outcomeOf(await shown()), recover: async () => void (await shown()) }
  },

  'product GET /v1/products/{id}': async (fault) => {
    const { env, get } = await aProduct(fault, 'CACHE')
    return { env, act: async () => outcomeOf(await get()), recover: async () => expect((await get()).status).toBe(200) }
  },

  'product PATCH /v1/products/{id}': async (fault) => {
    const { env, get, rename, deps, publishedTitles } = await aProduct(fault, 'CACHE')
    await get()
    const [before] = publishedTitles()
    return {
      env,
      act: async () => outcomeOf(await rename('Oak desk')),
      kept: async () => expect(publishedTitles()).toEqual([before]),
      recover: async () => {
        await sweep(deps)
        expect(publishedTitles()).toEqual([before, 'Oak desk'])
        expect((await get()).json.title).toBe('Oak desk')
      },
    }
  },

  'product stock.changed': async (fault) => {
    const { env, receive, get, deps, id, variantId } = await aProduct(fault, 'CACHE')
    await get()
    const recorded = async () => (await deps.products.load(id))?.stock[variantId]
    return {
      env,
      act: () => receive('out', 7),
      kept: async () => expect(await recorded()).toMatchObject({ availability: 'out', version: 7 }),
      recover: async () => {
        expect([await receive('out', 7), await receive('in', 6)]).toEqual(['acked', 'acked'])
        expect(await recorded()).toMatchObject({ availability: 'out', version: 7 })
        expect((await get()).json.variants[0].availability).toBe('out')
      },
    }
  },
})

faultBattery('database', 'product', {
  'product GET /v1/products/{id} that the cache knows': async (fault) => {
    const { env, get, rename } = await aProduct(fault, 'DATABASE')
    await get()
    // The cached answer is older than this change, so the Worker must ask the database.
    await rename('Oak desk')
    return {
      env,
      act: async () => {
        const answer = await get()
        expect(answer.headers.has('age')).toBe(fault.does !== 'slow')
        return outcomeOf(answer)
      },
      recover: async () => {
        const { json, headers } = await get()
        expect([json.title, headers.get('age')]).toEqual(['Oak desk', null])
      },
    }
  },

  'product GET /v1/products/{id} that nobody knows': async (fault) => {
    const { env, get } = await aProduct(fault, 'DATABASE')
    const unknown = `/v1/products/${newId('prd')}`
    return {
      env,
      act: async () => outcomeOf(await get()),
      recover: async () => expect([(await get()).status, (await get(unknown)).status]).toEqual([200, 404]),
    }
  },
})
