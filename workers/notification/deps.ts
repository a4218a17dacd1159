import type { AuthApi } from '../../shared/contracts/auth'
import { type BaseDeps, baseDeps, type DepsOverrides, documentsOf } from '../../shared/events/deps'
import { client } from '../../shared/http/rpc'
import { perEnvironment } from '../../shared/storage/per-environment'
import { type LiveSessions, liveSessions } from './live'
import { type Mailer, mailerFrom } from './mail'
import {
  type InboxRepo,
  inboxRepo,
  type KnownOrder,
  type KnownRepo,
  type KnownStock,
  knownRepo,
  type MailRepo,
  mailRepo,
  type PreferencesRepo,
  type ProductRepo,
  preferencesRepo,
  productRepo,
  type WatchRepo,
  watchRepo,
} from './repo'
import { type SeenRepo, seenRepo } from './seen'

export type Deps = BaseDeps<'notification'> & {
  inbox: InboxRepo
  preferences: PreferencesRepo
  mails: MailRepo
  orders: KnownRepo<KnownOrder>
  stock: KnownRepo<KnownStock>
  products: ProductRepo
  watches: WatchRepo
  seen: SeenRepo
  auth: AuthApi
  live: LiveSessions
  /** null where no provider is set up. */
  mailer: Mailer | null
  /** Where the web pages are, for links in mails; empty when there are none. */
  publicUrl: string
  ticketSecret: string
}

const partsOf = perEnvironment((env: NotificationEnv) => {
  const documents = documentsOf('notification', env)
  return {
    mails: mailRepo(documents),
    inbox: inboxRepo(documents),
    preferences: preferencesRepo(documents),
    orders: knownRepo<KnownOrder>(documents, 'orders'),
    stock: knownRepo<KnownStock>(documents, 'stock'),
    products: productRepo(documents),
    watches: watchRepo(documents),
    seen: seenRepo(documents, env.ENVIRONMENT),
    auth: client<AuthApi>(env.AUTH),
    live: liveSessions(env.SESSIONS),
    mailer: mailerFrom(env),
    publicUrl: env.PUBLIC_URL,
    ticketSecret: env.TICKET_SECRET,
  }
})

export const depsFrom = (env: NotificationEnv, traceparent?: string, overrides?: DepsOverrides): Deps => ({
  ...baseDeps('notification', env, traceparent, overrides),
  ...partsOf(env),
})
