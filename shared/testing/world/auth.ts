import type { Actor, Role } from '../../contracts/actor'
import type { AuthApi, Contact } from '../../contracts/auth'
import type { UserId } from '../../contracts/ids'
import { anActor } from '../factories'

/** Accounts as the others ask auth for them. */
export function anAuth() {
  const contacts = new Map<UserId, Contact>()
  const api = {
    verifyAccessToken: () => Promise.reject(new Error('nobody signs in here')),
    contact: async (userId) => contacts.get(userId) ?? null,
    emailVerification: async () => null,
    passwordReset: async () => null,
  } satisfies AuthApi
  return {
    ...api,
    /** Somebody with an account. */
    person: (role: Exclude<Role, 'guest'>): Actor => {
      const actor = anActor(role)
      const { userId, name } = actor
      contacts.set(userId, { userId, email: `${userId}@example.com`, name, role })
      return actor
    },
  }
}
