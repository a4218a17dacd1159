import { WorkerEntrypoint } from 'cloudflare:workers'
import type { AuthApi } from '../../shared/contracts/auth'
import type { Id, UserId } from '../../shared/contracts/ids'
import * as commands from './commands'
import { depsFrom } from './deps'

export class AuthRpc extends WorkerEntrypoint<AuthEnv> implements AuthApi {
  verifyAccessToken(token: string) {
    const { accessTokens, now } = depsFrom(this.env)
    return accessTokens.verify(token, now())
  }

  contact(userId: UserId) {
    return commands.contact(depsFrom(this.env), userId)
  }

  emailVerification(userId: UserId) {
    return commands.emailVerification(depsFrom(this.env), userId)
  }

  passwordReset(userId: UserId, requestId: Id<'req'>) {
    return commands.passwordResetMail(depsFrom(this.env), userId, requestId)
  }
}
