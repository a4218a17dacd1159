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
  type StockReading,
  snapshot,
} from './cart'
import type { Caller, CartObjectApi, Refusal, Transfer } from './cart-object-api'
import { type Deps, depsFrom } from './deps'
import { applyUpdate, type LineUpdate } from './line-sync'
import { migrations } from './migrations'
import { type CartRepo, cartRepo } from './repo'
import { afterChange, afterRefresh, afterVisit, delays } from './schedule'

/** One shopper's cart, the only writer of its lines. A change, its version and its event are one synchronous transaction. */
export class CartDO extends DurableObject<CartEnv> implements CartObjectApi {
  /** RPC reaches methods only, so nobody else can set this; tests replace it. */
  deps: Deps
  readonly #repo: CartRepo
  #sending: Promise<void> = Promise.resolve()
  /** The products of this cart that this instance has registered in the index. */
  readonly #registered = new Set<ProductId>()
  #isAlarmRunning = false

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

  add(caller: Caller, offer: Offer, stock: StockReading, quantity: number) {
    return this.#execute(caller, { type: 'add', offer, stock, quantity })
  }

  setQuantity(caller: Caller, variantId: VariantId, quantity: number, stock: StockReading) {
    return this.#execute(caller, { type: 'set_quantity', variantId, quantity, stock })
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
    return snapshot(await this.#change(caller, (cart) => applyUpdate(cart, { of: 'reading', quotes })))
  }

  async applyUpdate(caller: Caller, update: Extract<LineUpdate, { productId: ProductId }>): Promise<boolean> {
    return holds(await this.#change(caller, (cart) => applyUpdate(cart, update)), update.productId)
  }

  async transferTo(caller: Caller, target: Pick<Caller, 'userId' | 'ifMatch'>): Promise<Refusal> {
    if (target.userId === caller.userId) return null
    await this.#change(caller, (cart) => {
      const transfer = { mergeId: `${cart.id}:${cart.version}`, targetId: target.userId, lines: [...cart.lines] }
      if (cart.lines.length > 0) this.#repo.addTransfer(transfer, this.deps.now() + delays.retry)
      return decide(cart, { type: 'clear' })
    })
    let refusal: Refusal = null
    for (const transfer of this.#repo.transfers()) {
      if (transfer.targetId === target.userId) refusal = await this.#transfer(caller, transfer, target.ifMatch)
    }
    await this.#arm()
    return refusal
  }

  async mergeIn(caller: Caller, { mergeId, lines }: Transfer): Promise<Refusal> {
    this.#repo.prune(this.deps.now())
    const recorded = this.#repo.merged(mergeId)
    if (recorded) return recorded.refusal
    try {
      await this.#change(caller, (cart) => {
        this.#repo.recordMerge(mergeId, null, this.deps.now())
        return decide(cart, { type: 'merge_in', lines })
      })
      return null
    } catch (error) {
      const code = AppError.from(error)?.code
      if (code !== 'currency_mismatch' && code !== 'precondition_failed') throw error
      // A repeat under this merge id must be refused too, so that the source may restore the lines.
      this.#repo.recordMerge(mergeId, code, this.deps.now())
      return code
    }
  }

  /** Publishes changes, finishes transfers and refreshes lines. Throws nothing; what fails stays due. */
  override async alarm(): Promise<void> {
    const due = this.#repo.due()
    if (!due) return
    const caller = { userId: due.userId, traceparent: newTraceparent() }
    this.#isAlarmRunning = true
    await this.#publish(caller.userId)
    for (const transfer of this.#repo.transfers(this.deps.now())) {
      await this.#quietly('transfer', () => this.#transfer(caller, transfer))
    }
    if (due.refreshAt !== null && due.refreshAt <= this.deps.now())
      await this.#quietly('refresh', () => this.#refreshLines(caller))
    await this.#sending
    this.#isAlarmRunning = false
    this.#repo.prune(this.deps.now())
    await this.#arm()
  }

  #execute(caller: Caller, command: Command): Promise<Outcome<CartSnapshot>> {
    return outcomeOf(async () => snapshot(await this.#change(caller, (cart) => decide(cart, command))))
  }

  /**
   * Decides and writes in one transaction, together with what `decision` writes itself.
   * The alarm publishes the change a moment after the first unpublished one, together with those that follow. An event carries the whole
   * cart, so the newest replaces those before it, and no shopper waits for the queues and the index.
   */
  async #change(caller: Caller, decision: (cart: Cart) => CartEvent[]): Promise<Cart> {
    const [before, changed] = this.#write(caller, decision)
    if (changed === before) return before
    for (const productId of this.#registered) if (!holds(changed, productId)) this.#registered.delete(productId)
    // The alarm is set in the same turn as the write, so the platform commits both or neither.
    await this.#arm()
    // The platform runs one alarm at a time. A running alarm may wait long for other Workers, which would delay the next one.
    if (this.#isAlarmRunning) this.ctx.waitUntil(this.#publish(caller.userId))
    return changed
  }

  #write(
    { userId, traceparent, ifMatch, attempt }: Caller,
    decision: (cart: Cart) => CartEvent[],
  ): [before: Cart, changed: Cart] {
    return this.ctx.storage.transactionSync(() => {
      const cart = this.#repo.load(userId)
      // An earlier attempt made this change, and only its answer was not kept.
      if (attempt !== undefined && this.#repo.wasAttempted(attempt)) return [cart, cart]
      requireVersion(cart.version, ifMatch)
      const events = decision(cart)
      if (events.length === 0) return [cart, cart]
      const { now, newId } = this.deps
      if (attempt !== undefined) this.#repo.recordAttempt(attempt, now())
      const changed = evolveAll(cart, events)
      const due = afterChange(cart, changed, this.#repo.due(), now())
      const { id: cartId, ...rest } = snapshot(changed)
      const event = envelopes('cart', { now, newId, traceparent })('cart.updated', cartId, { cartId, ...rest })
      const outgoing = { event, dueAt: now() + delays.publish }
      this.#repo.save(cart, changed, due, changed.version === cart.version ? undefined : outgoing)
      return [cart, changed]
    })
  }

  /** Sends the outbox, and registers the products of the changed cart that this instance has not registered yet. */
  async #publish(userId: UserId): Promise<void> {
    if (!this.#repo.unsent()) return
    const fresh = productsOf(this.#repo.load(userId)).filter((productId) => !this.#registered.has(productId))
    await Promise.all([this.#flush(), this.#quietly('index', () => this.#register(fresh, userId))])
  }

  /** Sends the outbox, one run at a time, so that only a crash sends an event twice. The alarm repeats what failed. */
  #flush(): Promise<void> {
    this.#sending = this.#sending.then(() => this.#quietly('outbox', () => this.#publishNewest()))
    return this.#sending
  }

  /**
   * Sends the newest event in place of all before it, except those whose sending was interrupted: some subscribers may have received
   * them. Events that are written meanwhile stay, and are due at their own time.
   */
  async #publishNewest(): Promise<void> {
    const unsent = this.#repo.unsent()
    if (!unsent) return
    this.#repo.beginSending(unsent.upTo, this.deps.now() + delays.retry)
    await this.deps.publish(unsent.events)
    this.#repo.forgetSent(unsent.upTo)
  }

  /** Returns false when the index did not answer. */
  async #register(productIds: readonly ProductId[], userId: UserId): Promise<boolean> {
    // Recorded before the answer, so that a product that leaves the cart meanwhile leaves this set too.
    for (const productId of productIds) this.#registered.add(productId)
    const registered = await this.deps.cartIndex.register(productIds, userId)
    if (!registered) for (const productId of productIds) this.#registered.delete(productId)
    return registered
  }

  /** Sends lines to another cart, and restores them here when it refuses. They are kept until it has answered. */
  async #transfer(caller: Caller, transfer: Transfer, ifMatch?: readonly number[]): Promise<Refusal> {
    const { userId, traceparent } = caller
    this.#repo.postponeTransfer(transfer.mergeId, this.deps.now() + delays.retry)
    const target = { userId: transfer.targetId, traceparent, ...(ifMatch ? { ifMatch } : {}) }
    const refusal = await this.deps.cartOf(transfer.targetId).mergeIn(target, transfer)
    await this.#change({ userId, traceparent }, (cart) => {
      if (!this.#repo.removeTransfer(transfer.mergeId) || refusal === null) return []
      return decide(cart, { type: 'restore_lines', lines: transfer.lines })
    })
    return refusal
  }

  /** Registers in the index before it asks product and inventory, so that the cart is notified of changes after their answers. */
  async #refreshLines(caller: Caller): Promise<void> {
    const { product, inventory, now } = this.deps
    const claimed = now() + delays.failure
    this.#repo.setRefreshAt(claimed)
    const cart = this.#repo.load(caller.userId)
    const variantIds = cart.lines.map(({ variantId }) => variantId)
    const registered = await this.#register(productsOf(cart), caller.userId)
    const [quotes, levels] = await Promise.all([product.quote(variantIds), inventory.levels(variantIds)])
    await this.#change(caller, (present) => applyUpdate(present, { of: 'reading', quotes, levels, versions: cart.lines }))
    const due = this.#repo.due()
    // A line that was added meanwhile needs an earlier refresh.
    if (registered && due?.refreshAt === claimed) this.#repo.setRefreshAt(afterRefresh(due, now()))
  }

  /** Sets the alarm to the next task that is due; deletes it when there is none. */
  async #arm(): Promise<void> {
    const due = this.#repo.nextDue()
    if (due !== null) await this.ctx.storage.setAlarm(due)
    else await this.ctx.storage.deleteAlarm()
  }

  async #quietly(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      logger.warn('cart retries with the next alarm', { what, error })
    }
  }
}

const productsOf = ({ lines }: Cart): ProductId[] => [...new Set(lines.map(({ productId }) => productId))]

const holds = ({ lines }: Cart, wanted: ProductId): boolean => lines.some(({ productId }) => productId === wanted)
