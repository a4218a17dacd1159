import { z } from '@hono/zod-openapi'
import { roles } from '../../shared/contracts/actor'
import { iso } from '../../shared/contracts/ids'
import { line } from '../../shared/http/text'
import type { Session } from './session'
import type { User } from './user'

const EmailSchema = z
  .string()
  .max(254)
  .trim()
  .toLowerCase()
  .pipe(z.email().max(254))
  .openapi({ format: 'email', example: 'ada@example.com' })
/** Any characters are allowed: length makes a password strong. */
const PasswordSchema = z.string().min(10).max(200).openapi({ format: 'password', example: 'correct horse battery staple' })
const LabelSchema = line(100)
const TokenSchema = z.string().min(1).max(500)

const applicant = { email: EmailSchema, password: PasswordSchema, name: LabelSchema, storeName: LabelSchema.optional() }

type Applicant = { role: string; storeName?: string | undefined }

/** Sellers must have a store name, and other users cannot have one. */
const storeNameOfSellers = ({ value, issues }: { value: Applicant; issues: z.core.$ZodRawIssue[] }) => {
  const problem = value.role === 'seller' ? 'is required for sellers' : 'is for sellers only'
  if ((value.role === 'seller') !== (value.storeName !== undefined)) {
    issues.push({ code: 'custom', path: ['storeName'], message: problem, input: value.storeName })
  }
}

export const RegisterSchema = z
  .strictObject({ ...applicant, role: z.enum(['buyer', 'seller']).default('buyer') })
  .check(storeNameOfSellers)

/** Any role except guest, which cannot be given. */
export const RoleSchema = z
  .strictObject({ role: z.enum(['buyer', 'seller', 'admin']), storeName: LabelSchema.optional() })
  .check(storeNameOfSellers)

/** For local runs. No public route gives the role admin. */
export const DemoAccountSchema = z
  .strictObject({
    ...applicant,
    email: EmailSchema.pipe(z.string().endsWith('@example.com')),
    role: z.enum(['buyer', 'seller', 'admin']),
  })
  .check(storeNameOfSellers)

export const LoginSchema = z.strictObject({ email: EmailSchema, password: z.string().min(1).max(200) })
export const RefreshSchema = z.strictObject({ refreshToken: TokenSchema.optional() })
export const VerifySchema = z.strictObject({ token: TokenSchema })
export const ForgotSchema = z.strictObject({ email: EmailSchema })
export const ResetSchema = z.strictObject({ token: TokenSchema, password: PasswordSchema })

export const UserDto = z
  .object({
    id: z.string(),
    /** null for a guest. */
    email: z.string().nullable(),
    name: z.string(),
    role: z.enum(roles),
    storeName: z.string().nullable(),
    emailVerified: z.boolean(),
    createdAt: z.iso.datetime(),
  })
  .openapi('User')

export const TokensDto = z
  .object({
    accessToken: z.string(),
    tokenType: z.literal('Bearer'),
    expiresIn: z.int().openapi({ description: 'Seconds until the access token expires', example: 900 }),
    refreshToken: z.string().optional().openapi({ description: 'Absent where the refresh token is in a cookie' }),
  })
  .openapi('Tokens')

export const SignedInDto = TokensDto.extend({ user: UserDto }).openapi('SignedIn')

export const SessionDto = z
  .object({
    id: z.string(),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime(),
    userAgent: z.string().nullable(),
    current: z.boolean(),
  })
  .openapi('Session')

export const toUserDto = ({ _id, email, name, role, storeName, emailVerifiedAt, createdAt }: User) => ({
  id: _id,
  email,
  name,
  role,
  storeName,
  emailVerified: emailVerifiedAt !== null,
  createdAt: iso(createdAt),
})

/** A guest has a session and no user. */
export const toGuestDto = ({ userId, name, role, createdAt }: Session) => ({
  id: userId,
  email: null,
  name,
  role,
  storeName: null,
  emailVerified: false,
  createdAt: iso(createdAt),
})

export const toSessionDto = ({ _id, createdAt, lastUsedAt, userAgent }: Session, current: string) => ({
  id: _id,
  createdAt: iso(createdAt),
  lastUsedAt: iso(lastUsedAt),
  userAgent,
  current: _id === current,
})
