import type { DurableObject } from 'cloudflare:workers'
import { faultyClass } from '../faults/handlers'
import { marketplace } from './marketplace'
import { exported, type Member } from './modules'

type ObjectClass = new (context: DurableObjectState, env: object) => DurableObject

/** A Durable Object of a Worker that sees the marketplace's bindings in place of its config's. */
function placed(worker: Member, name: string): ObjectClass {
  const Base = exported<ObjectClass>(worker, name)
  class Placed extends Base {
    constructor(context: DurableObjectState) {
      super(context, marketplace.envOf(worker))
    }
  }
  return faultyClass(worker, Placed, marketplace.faults)
}

export const CartDO = placed('cart', 'CartDO')
export const LiveSessionDO = placed('notification', 'LiveSessionDO')
export const SandboxIntentDO = placed('payment', 'SandboxIntentDO')
export const DashboardDO = placed('seller-dashboard', 'DashboardDO')
export const SearchIndexDO = placed('ai-buddy', 'SearchIndexDO')

/** The sandbox's webhooks come this way. Whoever calls a Worker that dies gets an error from the platform. */
export default {
  fetch: (request: Request) =>
    marketplace
      .endpoint('payment')(request)
      .catch(() => new Response(null, { status: 500 })),
}
