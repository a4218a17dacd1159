import accountSecurity from './account-security.md'
import assistant from './assistant.md'
import assistantPrivacy from './assistant-privacy.md'
import availability from './availability.md'
import cancelAnOrder from './cancel-an-order.md'
import checkout from './checkout.md'
import commission from './commission.md'
import contactSupport from './contact-support.md'
import createAnAccount from './create-an-account.md'
import currencies from './currencies.md'
import declinedPayment from './declined-payment.md'
import findProducts from './find-products.md'
import liveUpdates from './live-updates.md'
import missingEmails from './missing-emails.md'
import notificationPreferences from './notification-preferences.md'
import orderStatus from './order-status.md'
import passwords from './passwords.md'
import payingInTime from './paying-in-time.md'
import payment from './payment.md'
import priceChanges from './price-changes.md'
import refunds from './refunds.md'
import returns from './returns.md'
import sellerDashboard from './seller-dashboard.md'
import sellerSuggestions from './seller-suggestions.md'
import sellingShipping from './selling-shipping.md'
import sellingStart from './selling-start.md'
import sellingStock from './selling-stock.md'
import sessionsAndDevices from './sessions-and-devices.md'
import severalSellers from './several-sellers.md'
import shipping from './shipping.md'
import shoppingAsAGuest from './shopping-as-a-guest.md'
import tracking from './tracking.md'
import watchLists from './watch-lists.md'
import yourCart from './your-cart.md'

/** The source text of every article in this folder. */
export const texts: readonly string[] = [
  accountSecurity,
  assistant,
  assistantPrivacy,
  availability,
  cancelAnOrder,
  checkout,
  commission,
  contactSupport,
  createAnAccount,
  currencies,
  declinedPayment,
  findProducts,
  liveUpdates,
  missingEmails,
  notificationPreferences,
  orderStatus,
  passwords,
  payingInTime,
  payment,
  priceChanges,
  refunds,
  returns,
  sellerDashboard,
  sellerSuggestions,
  sellingShipping,
  sellingStart,
  sellingStock,
  sessionsAndDevices,
  severalSellers,
  shipping,
  shoppingAsAGuest,
  tracking,
  watchLists,
  yourCart,
]
