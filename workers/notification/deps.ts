import type { AuthApi } from '../../shared/contracts/auth'
import { type BaseDeps, baseDeps, type DepsOverrides } from '../../shared/events/deps'
import { client } from '../../shared/http/rpc'
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

export function depsFrom(env: NotificationEnv, traceparent?: string, overrides?: DepsOverrides): Deps {
  const base = baseDeps('notification', env, traceparent, overrides)
  const mails = mailRepo(base.documents)
  return {
    ...base,
    mails,
    inbox: inboxRepo(base.documents),
    preferences: preferencesRepo(base.documents),
    orders: knownRepo<KnownOrder>(base.documents, 'orders'),
    stock: knownRepo<KnownStock>(base.documents, 'stock'),
    products: productRepo(base.documents),
    watches: watchRepo(base.documents),
    seen: seenRepo(base.documents, env.ENVIRONMENT),
    auth: client<AuthApi>(env.AUTH),
    live: liveSessions(env.SESSIONS),
    mailer: mailerFrom(env, mails.collection),
    publicUrl: env.PUBLIC_URL,
    ticketSecret: env.TICKET_SECRET,
  }
}
