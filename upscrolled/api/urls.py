"""Addresses of the ground's endpoints. A trailing slash is taken off before it comes to this."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from upscrolled.api import accounts, docs, documents, instance, oauth, profile, relations, signup, stubs

_account = [
    path("", accounts.OneAccount.as_view()),
    path("/followers", accounts.Followers.as_view()),
    path("/following", accounts.Following.as_view()),
    path("/follow", relations.Follow.as_view()),
    path("/unfollow", relations.Unfollow.as_view()),
    path("/remove_from_followers", relations.RemoveFromFollowers.as_view()),
    path("/block", relations.Block.as_view()),
    path("/unblock", relations.Unblock.as_view()),
    path("/mute", relations.Mute.as_view()),
    path("/unmute", relations.Unmute.as_view()),
    path("/featured_tags", stubs.AccountFeaturedTags.as_view()),
    path("/endorsements", stubs.AccountEndorsements.as_view()),
    path("/lists", stubs.AccountLists.as_view()),
]
_accounts: list[URLPattern | URLResolver] = [
    path("", accounts.Accounts.as_view()),
    path("/verify_credentials", profile.VerifyCredentials.as_view()),
    path("/update_credentials", profile.UpdateCredentials.as_view()),
    path("/lookup", accounts.Lookup.as_view()),
    path("/search", accounts.SearchAccounts.as_view()),
    path("/relationships", relations.Relationships.as_view()),
    path("/familiar_followers", stubs.FamiliarFollowersView.as_view()),
    path("/<str:account_id>", include(_account)),
]
_instance = [
    path("", instance.V1InstanceView.as_view()),
    path("/rules", instance.Rules.as_view()),
    path("/extended_description", documents.ExtendedDescription.as_view()),
    path("/privacy_policy", documents.PrivacyPolicy.as_view()),
    path("/terms_of_service", documents.Terms.as_view()),
    path("/peers", stubs.Peers.as_view()),
    path("/activity", stubs.Activity.as_view()),
    path("/domain_blocks", stubs.BlockedSites.as_view()),
    path("/translation_languages", stubs.TranslationLanguages.as_view()),
]
_v1: list[URLPattern | URLResolver] = [
    path("apps", oauth.Applications.as_view()),
    path("apps/verify_credentials", oauth.VerifyApplication.as_view()),
    path("emails/confirmations", signup.Confirmations.as_view()),
    path("accounts", include(_accounts)),
    path("blocks", relations.Blocks.as_view()),
    path("mutes", relations.Mutes.as_view()),
    path("follow_requests", relations.FollowRequests.as_view()),
    path("follow_requests/<str:account_id>/authorize", relations.AuthorizeRequest.as_view()),
    path("follow_requests/<str:account_id>/reject", relations.RejectRequest.as_view()),
    path("preferences", profile.ReadPreferences.as_view()),
    path("instance", include(_instance)),
    path("upscrolled/features", instance.FeaturesView.as_view()),
    path("announcements", stubs.Announcements.as_view()),
    path("conversations", stubs.Conversations.as_view()),
    path("custom_emojis", stubs.CustomEmojis.as_view()),
    path("directory", stubs.Directory.as_view()),
    path("domain_blocks", stubs.DomainBlocks.as_view()),
    path("endorsements", stubs.Endorsements.as_view()),
    path("featured_tags", stubs.FeaturedTags.as_view()),
    path("featured_tags/suggestions", stubs.FeaturedTags.as_view()),
    path("filters", stubs.Filters.as_view()),
    path("followed_tags", stubs.FollowedTags.as_view()),
    path("lists", stubs.Lists.as_view()),
    path("markers", stubs.Markers.as_view()),
    path("push/subscription", stubs.PushSubscription.as_view()),
    path("scheduled_statuses", stubs.ScheduledStatuses.as_view()),
    path("suggestions", stubs.Suggestions.as_view()),
    path("trends", stubs.TrendingTags.as_view()),
    path("trends/links", stubs.TrendingLinks.as_view()),
    path("trends/tags", stubs.TrendingTags.as_view()),
]
_v2 = [
    path("instance", instance.InstanceView.as_view()),
    path("filters", stubs.Filters.as_view()),
    path("suggestions", stubs.Suggestions.as_view()),
]
urlpatterns = [
    path("api/v1/", include(_v1)),
    path("api/v2/", include(_v2)),
    path("api/schema", docs.document, name="openapi"),
    path("api/docs", docs.Docs.as_view(), name="docs"),
]
