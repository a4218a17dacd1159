import { DurableObject } from 'cloudflare:workers'
import type { CartSnapshot } from '../../shared/contracts/cart'
import { AppError } from '../../shared/contracts/errors'
import type { OrderId, ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import { type Outcome, outcomeOf } from '../../shared/contracts/outcome'
import type { Quote } from '../../shared/contracts/product'
import { envelopes } from '../../shared/events/publish'
import { logger } from '../../shared/runtime/logger'
import { newTraceparent } from '../../shared/runtime/trace'
import { migrate } from '../../shared/storage/migrations'
import {
  type Cart,
  type CartEvent,
  type Command,
  decide,
  evolveAll,
  type Offer,
  requireVersion,
  snapshot,
  type Told,
} from './cart'
import { type Deps, depsFrom } from './deps'
import { type Facts, learn } from './facts'
import { migrations } from './migrations'
import { type CartRepo, cartRepo } from './repo'
import { afterChange, afterLook, afterVisit, delays } from './schedule'
import type { Caller, CartVerbs, Handout, Refusal } from './verbs'

/** One shopper's cart, the only writer of its lines. A change, its version and its event are one synchronous transaction. */
export class CartDO extends DurableObject<CartEnv> implements CartVerbs {
  /** Not reachable by RPC, which sees methods only; a test puts others in. */
  deps: Deps
  readonly #repo: CartRepo
  #sending: Promise<void> = Promise.resolve()
  /** Products that this instance has put into the index, of those in the cart. */
  readonly #registered = new Set<ProductId>()
  #alarmAtWork = false

  constructor(context: DurableObjectState, env: CartEnv) {
    super(context, env)
    migrate(context.storage, migrations)
    this.#repo = cartRepo(context.storage.sql)
    this.deps = depsFrom(env)
  }

  async snapshot(userId: UserId): Promise<CartSnapshot> {
    return snapshot(this.#repo.load(userId))
  }

  async visit(userId: UserId): Promise<CartSnapshot> {
    const cart = this.#repo.load(userId)
    const due = this.#repo.due()
    if (due && cart.lines.length > 0) {
      const next = afterVisit(due, this.deps.now())
      if (next !== due) this.#repo.setDue(next)
      await this.#arm()
    }
    return snapshot(cart)
  }

  add(caller: Caller, offer: Offer, level: Told, quantity: number) {
    return this.#execute(caller, { type: 'add', offer, level, quantity })
  }

  setQuantity(caller: Caller, variantId: VariantId, quantity: number, level: Told) {
    return this.#execute(caller, { type: 'set_quantity', variantId, quantity, level })
  }

  remove(caller: Caller, variantId: VariantId) {
    return this.#execute(caller, { type: 'remove', variantId })
  }

  clear(caller: Caller) {
    return this.#execute(caller, { type: 'clear' })
  }

  async checkOut(caller: Caller, orderId: OrderId, lines: readonly { variantId: string; quantity: number }[]): Promise<void> {
    this.#repo.prune(this.deps.now())
    await this.#change(caller, (cart) =>
      this.#repo.recordCheckout(orderId, this.deps.now()) ? decide(cart, { type: 'check_out', lines }) : [],
    )
  }

  async refresh(caller: Caller, quotes: readonly Quote[]): Promise<CartSnapshot> {
    return snapshot(await this.#change(caller, (cart) => learn(cart, { of: 'reading', quotes })))
  }

  async learn(caller: Caller, facts: Extract<Facts, { productId: ProductId }>): Promise<boolean> {
    return holds(await this.#change(caller, (cart) => learn(cart, facts)), facts.productId)
  }

  async giveTo(caller: Caller, target: Pick<Caller, 'userId' | 'ifMatch'>): Promise<Refusal> {
    if (target.userId === caller.userId) return null
    await this.#change(caller, (cart) => {
      const handout = { mergeId: `${cart.id}:${cart.version}`, targetId: target.userId, lines: [...cart.lines] }
      if (cart.lines.length > 0) this.#repo.addHandout(handout, this.deps.now() + delays.pending)
      return decide(cart, { type: 'clear' })
    })
    let refusal: Refusal = null
    for (const handout of this.#repo.handouts()) {
      if (handout.targetId === target.userId) refusal = await this.#handOver(caller, handout, target.ifMatch)
    }
    await this.#arm()
    return refusal
  }

  async takeIn(caller: Caller, { mergeId, lines }: Handout): Promise<Refusal> {
    this.#repo.prune(this.deps.now())
    const settled = this.#repo.merged(mergeId)
    if (settled) return settled.refusal
    try {
      await this.#change(caller, (cart) => {
        this.#repo.recordMerge(mergeId, null, this.deps.now())
        return decide(cart, { type: 'take_in', lines })
      })
      return null
    } catch (error) {
      const code = AppError.from(error)?.code
      if (code !== 'currency_mismatch' && code !== 'precondition_failed') throw error
      // Recorded too: whoever asks again with this merge id gets the same answer, so the giver may take the lines back.
      this.#repo.recordMerge(mergeId, code, this.deps.now())
      return code
    }
  }

  /** Tells what changed, finishes handouts, looks again at what the cart holds. Throws nothing; what fails stays due. */
  override async alarm(): Promise<void> {
    const due = this.#repo.due()
    if (!due) return
    const caller = { userId: due.userId, traceparent: newTraceparent() }
    this.#alarmAtWork = true
    await this.#tell(caller.userId)
    for (const handout of this.#repo.handouts(this.deps.now())) {
      await this.#quietly('handout', () => this.#handOver(caller, handout))
    }
    if (due.refreshAt !== null && due.refreshAt <= this.deps.now()) await this.#quietly('refresh', () => this.#lookAgain(caller))
    await this.#sending
    this.#alarmAtWork = false
    this.#repo.prune(this.deps.now())
    await this.#arm()
  }

  #execute(caller: Caller, command: Command): Promise<Outcome<CartSnapshot>> {
    return outcomeOf(async () => snapshot(await this.#change(caller, (cart) => decide(cart, command))))
  }

  /**
   * Decides and writes in one transaction. What `decision` writes itself is in the same transaction.
   * Nobody is told yet: the alarm does so a moment after the first change that was not told, and gathers those that follow. An event
   * carries the whole cart, so the newest says all that those before it would; and no shopper waits for the queues and the index.
   */
  async #change(caller: Caller, decision: (cart: Cart) => CartEvent[]): Promise<Cart> {
    const [before, changed] = this.#write(caller, decision)
    if (changed === before) return before
    for (const productId of this.#registered) if (!holds(changed, productId)) this.#registered.delete(productId)
    // The alarm is set in the same turn as the write, so the platform commits both or none.
    await this.#arm()
    // The platform runs one alarm at a time: while one is at work, which may wait for others for long, the next would come late.
    if (this.#alarmAtWork) this.ctx.waitUntil(this.#tell(caller.userId))
    return changed
  }

  #write(
    { userId, traceparent, ifMatch, attempt }: Caller,
    decision: (cart: Cart) => CartEvent[],
  ): [before: Cart, changed: Cart] {
    return this.ctx.storage.transactionSync(() => {
      const cart = this.#repo.load(userId)
      // It was made, and only its answer could not be kept.
      if (attempt !== undefined && this.#repo.wasAttempted(attempt)) return [cart, cart]
      requireVersion(cart.version, ifMatch)
      const events = decision(cart)
      if (events.length === 0) return [cart, cart]
      const { now, newId } = this.deps
      if (attempt !== undefined) this.#repo.recordAttempt(attempt, now())
      const changed = evolveAll(cart, events)
      const due = afterChange(cart, changed, this.#repo.due(), now())
      const { id: cartId, ...facts } = snapshot(changed)
      const event = envelopes('cart', { now, newId, traceparent })('cart.updated', cartId, { cartId, ...facts })
      const told = { event, dueAt: now() + delays.gather }
      this.#repo.save(cart, changed, due, changed.version === cart.version ? undefined : told)
      return [cart, changed]
    })
  }

  /** Sends what is in the outbox, and registers what this instance has not registered of the cart that changed. */
  async #tell(userId: UserId): Promise<void> {
    if (!this.#repo.unsent()) return
    const fresh = productsOf(this.#repo.load(userId)).filter((productId) => !this.#registered.has(productId))
    await Promise.all([this.#send(), this.#quietly('index', () => this.#register(fresh, userId))])
  }

  /** Sends the outbox. One at a time, so that no event is sent twice but for a crash; a failure is left to the alarm. */
  #send(): Promise<void> {
    this.#sending = this.#sending.then(() => this.#quietly('outbox', () => this.#sendNewest()))
    return this.#sending
  }

  /**
   * Sends the newest event in place of all before it, but for those that somebody may have heard of. What comes in meanwhile stays, and is
   * due at its own time.
   */
  async #sendNewest(): Promise<void> {
    const unsent = this.#repo.unsent()
    if (!unsent) return
    this.#repo.beginSending(unsent.upTo, this.deps.now() + delays.pending)
    await this.deps.publish(unsent.events)
    this.#repo.forgetSent(unsent.upTo)
  }

  /** Returns false when the index did not answer. */
  async #register(productIds: readonly ProductId[], userId: UserId): Promise<boolean> {
    // Noted before the answer, so that what leaves the cart meanwhile leaves the note.
    for (const productId of productIds) this.#registered.add(productId)
    const registered = await this.deps.holders.register(productIds, userId)
    if (!registered) for (const productId of productIds) this.#registered.delete(productId)
    return registered
  }

  /** Hands lines over, and takes them back when the other refuses. Until the other has answered, they are kept. */
  async #handOver(caller: Caller, handout: Handout, ifMatch?: readonly number[]): Promise<Refusal> {
    const { userId, traceparent } = caller
    this.#repo.postponeHandout(handout.mergeId, this.deps.now() + delays.pending)
    const target = { userId: handout.targetId, traceparent, ...(ifMatch ? { ifMatch } : {}) }
    const refusal = await this.deps.cartOf(handout.targetId).takeIn(target, handout)
    await this.#change({ userId, traceparent }, (cart) => {
      if (!this.#repo.removeHandout(handout.mergeId) || refusal === null) return []
      return decide(cart, { type: 'take_back', lines: handout.lines })
    })
    return refusal
  }

  /** Registers in the index, then asks product and inventory, so that whatever changes after the asking is heard of. */
  async #lookAgain(caller: Caller): Promise<void> {
    const { product, inventory, now } = this.deps
    const claimed = now() + delays.failure
    this.#repo.setRefreshAt(claimed)
    const cart = this.#repo.load(caller.userId)
    const variantIds = cart.lines.map(({ variantId }) => variantId)
    const registered = await this.#register(productsOf(cart), caller.userId)
    const [quotes, levels] = await Promise.all([product.quote(variantIds), inventory.levels(variantIds)])
    await this.#change(caller, (present) => learn(present, { of: 'reading', quotes, levels, seen: cart.lines }))
    const due = this.#repo.due()
    // Somebody who added meanwhile wants an earlier look.
    if (registered && due?.refreshAt === claimed) this.#repo.setRefreshAt(afterLook(due, now()))
  }

  /** Sets the alarm to the next thing to do; none when there is nothing. */
  async #arm(): Promise<void> {
    const due = this.#repo.nextDue()
    if (due !== null) await this.ctx.storage.setAlarm(due)
    else await this.ctx.storage.deleteAlarm()
  }

  async #quietly(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      logger.warn('cart leaves it to the alarm', { what, error })
    }
  }
}

const productsOf = ({ lines }: Cart): ProductId[] => [...new Set(lines.map(({ productId }) => productId))]

const holds = ({ lines }: Cart, wanted: ProductId): boolean => lines.some(({ productId }) => productId === wanted)
