import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { newId } from '../../../shared/contracts/ids'
import { aWorld } from '../testing/fixtures'
import { keepFor, keepVersionsFor } from './frame-log'
import type { NewFrame } from './live'

const time = '2026-01-01T00:00:00.000Z'

const aFrame = (key: string): NewFrame => {
  const subject = { id: newId('crt'), version: 1 }
  return { key, type: 'cart.updated', time, data: {}, subject }
}

describe('the versions of carts and orders', () => {
  it('outlive the frames, expire in the end, and do not delay the expiry of newer frames', async () => {
    const world = aWorld()
    const stub = world.stub(await world.returner())
    const age = (milliseconds: number) =>
      runInDurableObject(stub, (_instance, { storage }) => {
        for (const table of ['frames', 'pushed', 'versions', 'spent'])
          storage.sql.exec(`UPDATE ${table} SET at = at - ?`, milliseconds)
      })
    const versions = () =>
      runInDurableObject(stub, (_instance, { storage }) => storage.sql.exec('SELECT subject FROM versions').toArray().length)
    await stub.push([aFrame('f1')])
    await age(keepFor)
    await runDurableObjectAlarm(stub)
    expect(await versions()).toBe(1)
    await stub.push([aFrame('f2')])
    const alarm = await runInDurableObject(stub, (_instance, { storage }) => storage.getAlarm())
    expect(alarm).toBeLessThanOrEqual(Date.now() + keepFor)
    await age(keepVersionsFor)
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect(await versions()).toBe(0)
    expect(await runDurableObjectAlarm(stub)).toBe(false)
  })
})

/** A frame that is not about an aggregate. */
const plain = (key: string): NewFrame => ({ key, type: 'cart.updated', time, data: { key } })

describe('the live session of a user', () => {
  it('who never connected a device stores nothing, and sends the first device a resync', async () => {
    const world = aWorld()
    const person = world.person()
    const stub = world.stub(person)
    await stub.push([plain('f1'), plain('f2')])
    const kept = await runInDurableObject(stub, async (_instance, { storage }) => ({
      tables: storage.sql.exec('SELECT name FROM sqlite_master').toArray(),
      alarm: await storage.getAlarm(),
    }))
    expect(kept).toEqual({ tables: [], alarm: null })
    const device = await world.device(person, 0)
    expect(await device.frame('resync')).toMatchObject({ seq: 0 })
    await evictDurableObject(stub)
    await stub.push([plain('f2'), plain('f3')])
    await device.frame('cart.updated', ({ key }) => key === 'f3')
    expect(device.frames.map(({ seq, type }) => [seq, type])).toEqual([
      [0, 'resync'],
      [1, 'cart.updated'],
      [2, 'cart.updated'],
    ])
    const second = await world.device(person, 0)
    await second.frame('cart.updated', ({ key }) => key === 'f3')
    expect(second.frames.map(({ data }) => data.key)).toEqual(['f2', 'f3'])
  })

  it('whose only session ended before a device connected stores no frames either', async () => {
    const world = aWorld()
    const person = world.person()
    const stub = world.stub(person)
    await stub.revoke({ sessionId: person.sessionId, reason: 'logout', time })
    await stub.push([plain('f1'), plain('f2')])
    await evictDurableObject(stub)
    await stub.push([plain('f1'), plain('f2')])
    const device = await world.device({ ...person, sessionId: newId('ses') }, 0)
    expect(await device.frame('resync')).toMatchObject({ seq: 0 })
  })
})
