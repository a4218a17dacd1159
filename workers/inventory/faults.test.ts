import { expect } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { anActor } from '../../shared/testing/factories'
import { faultBattery, faultyObjects, outcomeOf } from '../../shared/testing/fault-battery'
import { call } from '../../shared/testing/http'
import { depsFrom } from './deps'
import { app } from './routes'
import { aVariantWith, inventoryEnv } from './testing/fixtures'

faultBattery('database', 'inventory', {
  'inventory GET /v1/inventory/{variantId}': async (fault) => {
    const env = { ...inventoryEnv, DATABASE: faultyObjects(inventoryEnv.DATABASE, fault) }
    const seller = anActor('seller')
    const variantId = await aVariantWith(depsFrom(env), 7, seller.userId)
    const get = (id = variantId) => call((request) => app.fetch(request, env), 'GET', `/v1/inventory/${id}`, { actor: seller })
    return {
      env,
      act: async () => outcomeOf(await get()),
      recover: async () => {
        expect(await get()).toMatchObject({ status: 200, json: { onHand: 7 } })
        expect((await get(newId('var'))).status).toBe(404)
      },
    }
  },
})
