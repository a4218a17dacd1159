import type { AuthApi } from '../../shared/contracts/auth'
import { perEnvironment } from '../../shared/runtime/per-environment'
import { client } from '../../shared/runtime/rpc'
import { type BaseDeps, baseDeps, type DepsOverrides, documentsOf } from '../../shared/worker/base-deps'
import { type DigestRepo, digestRepo } from './email/digest-repo'
import { type EmailRepo, emailRepo } from './email/email-repo'
import { type Mailer, mailerFrom } from './email/mailer'
import { type SuppressionList, suppressionList } from './email/suppression-list'
import { type LiveSessions, liveSessions } from './live/live'
import { type ProductRepo, productRepo } from './product-repo'
import {
  type InboxRepo,
  inboxRepo,
  type KnownOrder,
  type KnownRepo,
  type KnownStock,
  knownRepo,
  type PreferencesRepo,
  preferencesRepo,
  type WatchRepo,
  watchRepo,
} from './repo'

export type Deps = BaseDeps<'notification'> & {
  inbox: InboxRepo
  preferences: PreferencesRepo
  emails: EmailRepo
  suppressions: SuppressionList
  digests: DigestRepo
  orders: KnownRepo<KnownOrder>
  stock: KnownRepo<KnownStock>
  products: ProductRepo
  watches: WatchRepo
  auth: AuthApi
  live: LiveSessions
  /** Null where no provider is set up. */
  mailer: Mailer | null
  /** The secret under which Resend signs its webhooks; null where it is not set up. */
  webhookSecret: string | null
  /** In [0, 1), for the jitter of retries. */
  random: () => number
  /** The address of the web pages, for links in e-mails; empty when there are none. */
  publicUrl: string
  ticketSecret: string
}

/** Optional secrets of a deployment. */
type Additions = { RESEND_WEBHOOK_SECRET?: string }

const partsOf = perEnvironment((env: NotificationEnv & Additions) => {
  const documents = documentsOf('notification', env)
  return {
    emails: emailRepo(documents),
    suppressions: suppressionList(documents),
    digests: digestRepo(documents),
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
