import { expect } from 'vitest'
import { anActor } from '../../../shared/testing/factories'
import { aWorld, type World } from './fixtures'

/** A shopper who was asked whether to put two desks into their cart. */
export async function proposed(world: World = aWorld()) {
  const actor = anActor('buyer')
  const desk = await world.sell({ amount: 64_900, stock: 12 })
  const variantId = desk.variants[0]?.variantId ?? 'var_'
  const { status, json } = await world.say(actor, 'add two walnut writing desks to my cart')
  expect([status, json.proposal?.quantity]).toEqual([200, 2])
  const { conversationId } = json
  const pieces = () => world.shop.cartOf(actor.userId).itemCount
  const adds = () => world.shop.asked.filter((what) => what === 'cart.add').length
  return { world, actor, desk, variantId, conversationId, pieces, adds, proposal: json.proposal }
}

/** Acts the first time that a certain call is made. */
export function onceOf(wanted: string, act: () => unknown) {
  let isOver = false
  return (what: string) => {
    if (isOver || what !== wanted) return
    isOver = true
    act()
  }
}
