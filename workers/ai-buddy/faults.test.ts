import { expect } from 'vitest'
import { anActor } from '../../shared/testing/factories'
import { type Faulty, faultBattery, outcomeOf, outcomeOfMessage } from '../../shared/testing/fault-battery'
import { aWorld, updated } from './testing/fixtures'

/** A world with vectors that may be at fault, where every text is near to every question, and the keys that are held. */
function withVectors(fault: Faulty) {
  const held = new Set<string>()
  // Asked for words, it is another dependency, which is not what fails here.
  const AI = {
    run: async (_model: string, { text }: { text?: string[] }) => {
      if (text === undefined) throw new Error('no model')
      return fault.through(async () => ({ data: text.map(() => [1]) }))
    },
  }
  const VECTORS = {
    upsert: (vectors: { id: string }[]) => fault.through(async () => void vectors.map(({ id }) => held.add(id))),
    deleteByIds: (ids: string[]) => fault.through(async () => void ids.map((id) => held.delete(id))),
    query: () => fault.through(async () => ({ matches: [...held].map((id) => ({ id, score: 1 })), count: held.size })),
  }
  return { held, world: aWorld({ AI, VECTORS }) }
}

faultBattery('vectors', 'ai-buddy', {
  'ai-buddy product.updated': async (fault) => {
    const { world, held } = withVectors(fault)
    const desk = world.shop.sell({ title: 'Walnut writing desk' })
    const hear = async () => outcomeOfMessage(await world.attempt(updated(desk)))
    const found = (question: string) => world.deps.retrieval.search(question, { kinds: ['product'] }, 5)
    return {
      env: world.bindings,
      act: hear,
      kept: async () => expect(await found('walnut')).toMatchObject([{ sourceId: desk.productId }]),
      recover: async () => {
        expect([await hear(), await hear()]).toEqual(['acked', 'acked'])
        expect([...held]).toEqual([`${desk.productId}#0`])
        expect(await found('furnishings to sit at')).toMatchObject([{ sourceId: desk.productId }])
      },
    }
  },

  'ai-buddy POST /v1/assistant/messages': async (fault) => {
    const { world } = withVectors(fault)
    const desk = await world.sell({ title: 'Walnut writing desk' })
    const buyer = anActor('buyer')
    const ask = async (question: string) => {
      const answer = await world.say(buyer, question)
      return { answer, ids: (answer.json.sources as { id: string }[]).map(({ id }) => id) }
    }
    return {
      env: world.bindings,
      act: async () => {
        const { answer, ids } = await ask('Do you have a walnut desk?')
        expect(ids).toContain(desk.productId)
        return outcomeOf(answer)
      },
      recover: async () => expect((await ask('Is there furnishing for scribbling?')).ids).toContain(desk.productId),
    }
  },
})
