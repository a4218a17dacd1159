import { expect } from 'vitest'
import { anActor } from '../../shared/testing/factories'
import { type Faulty, faultBattery, outcomeOf, outcomeOfMessage } from '../../shared/testing/fault-battery'
import { aWorld, updated } from './testing/fixtures'

/** A world whose vector store may fail, where every text is near to every question, and the keys that it holds. */
function withVectors(fault: Faulty) {
  const held = new Set<string>()
  // The model is another dependency, and not the one that fails here.
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
    const deliver = async () => outcomeOfMessage(await world.attempt(updated(desk)))
    const found = (question: string) => world.deps.retrieval.search(question, { kinds: ['product'] }, 5)
    return {
      env: world.bindings,
      act: deliver,
      kept: async () => expect(await found('walnut')).toMatchObject([{ sourceId: desk.productId }]),
      recover: async () => {
        expect([await deliver(), await deliver()]).toEqual(['acked', 'acked'])
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
