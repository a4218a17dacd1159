import { expect, it } from 'vitest'
import { newId, type VariantId } from '../../shared/contracts/ids'
import { commit, hold } from './commands'
import { receive } from './receiving'
import { anOrder, aVariantWith, aWarehouse, holdFor, line, stored } from './testing/fixtures'

const sellerId = newId('usr')
const receipt = (variantId: VariantId, quantity: number, id = 'first') => ({ id, variantId, quantity })

it('adds received units to the available ones', async () => {
  const { deps, clock } = aWarehouse()
  const variantId = await aVariantWith(deps, 3, sellerId)
  await hold(deps, anOrder(), [line(variantId, 2)], clock() + holdFor)
  expect(await receive(deps, sellerId, receipt(variantId, 20), 'a pallet')).toMatchObject({ available: 21, held: 2 })
  expect(await deps.movements.page(variantId, undefined, 10)).toContainEqual(
    expect.objectContaining({ kind: 'set', quantity: 20, actorId: sellerId, reason: 'a pallet' }),
  )
})

it('books a receipt once, also when its movement has left the journal', async () => {
  const { deps, clock } = aWarehouse()
  const variantId = await aVariantWith(deps, 0, sellerId)
  await Promise.all(Array.from({ length: 6 }, () => receive(deps, sellerId, receipt(variantId, 5), null)))
  expect(await stored(deps, variantId)).toMatchObject({ available: 5, journal: [] })
  const order = anOrder()
  await hold(deps, order, [line(variantId, 4)], clock() + holdFor)
  await commit(deps, order, [line(variantId, 4)])
  await receive(deps, sellerId, receipt(variantId, 7), null)
  expect(await stored(deps, variantId)).toMatchObject({ available: 1, sold: 4 })
  await receive(deps, sellerId, receipt(variantId, 7, 'second'), null)
  expect(await stored(deps, variantId)).toMatchObject({ available: 8 })
})

it('books a receipt once although another delivery books it between read and write', async () => {
  const { deps } = aWarehouse()
  const variantId = await aVariantWith(deps, 0, sellerId)
  let raced = false
  const movements = {
    ...deps.movements,
    present: async (ids: readonly string[]) => {
      const found = await deps.movements.present(ids)
      if (!raced) {
        raced = true
        await receive(deps, sellerId, receipt(variantId, 5), null)
      }
      return found
    },
  }
  await receive({ ...deps, movements }, sellerId, receipt(variantId, 5), null)
  expect(await stored(deps, variantId)).toMatchObject({ available: 5 })
})

it('publishes that a variant is available again', async () => {
  const { deps, publisher } = aWarehouse()
  const variantId = await aVariantWith(deps, 0, sellerId)
  await receive(deps, sellerId, receipt(variantId, 50), null)
  expect(publisher.ofType('stock.changed').map(({ data }) => [data.previous, data.availability])).toEqual([['out', 'in']])
})

it.each([0, -1, 1.5, 10_000_001, Number.NaN])('refuses %s units', async (quantity) => {
  const { deps } = aWarehouse()
  const variantId = await aVariantWith(deps, 1, sellerId)
  const refused = receive(deps, sellerId, receipt(variantId, quantity), null)
  await expect(refused).rejects.toMatchObject({ code: 'validation_failed', meta: { errors: [{ path: 'quantity' }] } })
  expect(await stored(deps, variantId)).toMatchObject({ available: 1 })
})

it('refuses a receipt for the stock of another seller', async () => {
  const { deps } = aWarehouse()
  const variantId = await aVariantWith(deps, 1, sellerId)
  for (const wrong of [receipt(variantId, 1), receipt(newId('var'), 1)])
    await expect(receive(deps, newId('usr'), wrong, null)).rejects.toMatchObject({ code: 'not_found' })
})
