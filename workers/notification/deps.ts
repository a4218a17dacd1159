import type { AuthApi } from '../../shared/contracts/auth'
import { perEnvironment } from '../../shared/runtime/per-environment'
import { client } from '../../shared/runtime/rpc'
import { type BaseDeps, baseDeps, type DepsOverrides, documentsOf } from '../../shared/worker/base-deps'
import { type RoundRepo, roundRepo } from './email/digest'
import { type MailRepo, mailRepo } from './email/email-repo'
import { type Mailer, mailerFrom } from './email/mailer'
import { type AddressRepo, addressRepo } from './email/suppression-list'
import { type LiveSessions, liveSessions } from './live/live'
import {
  type InboxRepo,
  inboxRepo,
  type KnownOrder,
  type KnownRepo,
  type KnownStock,
  knownRepo,
  type PreferencesRepo,
  type ProductRepo,
  preferencesRepo,
  productRepo,
  type WatchRepo,
  watchRepo,
} from './repo'

export type Deps = BaseDeps<'notification'> & {
  inbox: InboxRepo
  preferences: PreferencesRepo
  mails: MailRepo
  addresses: AddressRepo
  rounds: RoundRepo
  orders: KnownRepo<KnownOrder>
  stock: KnownRepo<KnownStock>
  products: ProductRepo
  watches: WatchRepo
  auth: AuthApi
  live: LiveSessions
  /** null where no provider is set up. */
  mailer: Mailer | null
  /** Under which Resend signs its webhooks; null where it is not set up. */
  webhookSecret: string | null
  /** In [0, 1), for what must not happen to all at once. */
  random: () => number
  /** Where the web pages are, for links in mails; empty when there are none. */
  publicUrl: string
  ticketSecret: string
}

/** What a deployment may add to its config: secrets that a local run has no use for. */
type Additions = { RESEND_WEBHOOK_SECRET?: string }

const partsOf = perEnvironment((env: NotificationEnv & Additions) => {
  const documents = documentsOf('notification', env)
  return {
    mails: mailRepo(documents),
    addresses: addressRepo(documents),
    rounds: roundRepo(documents),
    inbox: inboxRepo(documents),
    preferences: preferencesRepo(documents),
    orders: knownRepo<KnownOrder>(documents, 'orders'),
    stock: knownRepo<KnownStock>(documents, 'stock'),
    products: productRepo(documents),
    watches: watchRepo(documents),
    auth: client<AuthApi>(env.AUTH),
    live: liveSessions(env.SESSIONS),
    mailer: mailerFrom(env),
    webhookSecret: env.RESEND_WEBHOOK_SECRET ?? null,
    random: Math.random,
    publicUrl: env.PUBLIC_URL,
    ticketSecret: env.TICKET_SECRET,
  }
})

export const depsFrom = (env: NotificationEnv, traceparent?: string, overrides?: DepsOverrides): Deps => ({
  ...baseDeps('notification', env, traceparent, overrides),
  ...partsOf(env),
})
