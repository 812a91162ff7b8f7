"""Every address of the API in one table, and a small world in which all of them have something to say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from tests.people import PASSWORD

# Method and address; what nobody, an application without a user, and a user get; one scope that is enough.
# {account}, {post}, {own}, {asked} and {note} stand for ids: bob, a post of his, one of the reader's own,
# somebody who asks to follow the reader, and a notification.
TABLE = """
GET    /api/v1/accounts                             200 200 200 read:accounts
POST   /api/v1/accounts                             401 422 422 write:accounts
GET    /api/v1/accounts/familiar_followers          401 422 200 read:follows
GET    /api/v1/accounts/lookup?acct=bob             200 200 200 read:accounts
GET    /api/v1/accounts/relationships               401 422 200 read:follows
GET    /api/v1/accounts/search?q=bob                401 422 200 read:accounts
GET    /api/v1/accounts/search?q=bob                401 422 200 read:search
PATCH  /api/v1/accounts/update_credentials          401 422 200 write:accounts
GET    /api/v1/accounts/verify_credentials          401 422 200 read:accounts
GET    /api/v1/accounts/verify_credentials          401 422 200 profile
GET    /api/v1/accounts/{account}                   200 200 200 read:accounts
POST   /api/v1/accounts/{account}/block             401 422 200 write:blocks
GET    /api/v1/accounts/{account}/endorsements      200 200 200 read:accounts
GET    /api/v1/accounts/{account}/featured_tags     200 200 200 read:accounts
POST   /api/v1/accounts/{account}/follow            401 422 200 write:follows
POST   /api/v1/accounts/{account}/follow            401 422 200 follow
GET    /api/v1/accounts/{account}/followers         200 200 200 read:accounts
GET    /api/v1/accounts/{account}/following         200 200 200 read:accounts
GET    /api/v1/accounts/{account}/lists             401 422 200 read:lists
POST   /api/v1/accounts/{followed}/endorse          401 422 200 write:accounts
POST   /api/v1/accounts/{account}/mute              401 422 200 write:mutes
POST   /api/v1/accounts/{account}/note              401 422 200 write:accounts
POST   /api/v1/accounts/{followed}/pin              401 422 200 write:accounts
POST   /api/v1/accounts/{account}/remove_from_followers 401 422 200 write:follows
GET    /api/v1/accounts/{account}/statuses          200 200 200 read:statuses
POST   /api/v1/accounts/{account}/unblock           401 422 200 write:blocks
POST   /api/v1/accounts/{account}/unendorse         401 422 200 write:accounts
POST   /api/v1/accounts/{account}/unfollow          401 422 200 write:follows
POST   /api/v1/accounts/{account}/unmute            401 422 200 write:mutes
POST   /api/v1/accounts/{account}/unpin             401 422 200 write:accounts
GET    /api/v1/admin/accounts                             401 403 403 admin:read:accounts
GET    /api/v2/admin/accounts                             401 403 403 admin:read:accounts
DELETE /api/v1/admin/accounts/{account}                   401 403 403 admin:write:accounts
GET    /api/v1/admin/accounts/{account}                   401 403 403 admin:read:accounts
POST   /api/v1/admin/accounts/{account}/action            401 403 403 admin:write:accounts
POST   /api/v1/admin/accounts/{account}/approve           401 403 403 admin:write:accounts
POST   /api/v1/admin/accounts/{account}/reject            401 403 403 admin:write:accounts
POST   /api/v1/admin/accounts/{account}/enable            401 403 403 admin:write:accounts
POST   /api/v1/admin/accounts/{account}/unsensitive       401 403 403 admin:write:accounts
POST   /api/v1/admin/accounts/{account}/unsilence         401 403 403 admin:write:accounts
POST   /api/v1/admin/accounts/{account}/unsuspend         401 403 403 admin:write:accounts
GET    /api/v1/admin/reports                              401 403 403 admin:read:reports
GET    /api/v1/admin/reports/{report}                     401 403 403 admin:read:reports
PUT    /api/v1/admin/reports/{report}                     401 403 403 admin:write:reports
POST   /api/v1/admin/reports/{report}/assign_to_self      401 403 403 admin:write:reports
POST   /api/v1/admin/reports/{report}/unassign            401 403 403 admin:write:reports
POST   /api/v1/admin/reports/{report}/resolve             401 403 403 admin:write:reports
POST   /api/v1/admin/reports/{report}/reopen              401 403 403 admin:write:reports
GET    /api/v1/admin/canonical_email_blocks 401 403 403 admin:read
POST   /api/v1/admin/canonical_email_blocks 401 403 403 admin:write
GET    /api/v1/admin/canonical_email_blocks/{report} 401 403 403 admin:read
PUT    /api/v1/admin/canonical_email_blocks/{report} 401 403 403 admin:write
DELETE /api/v1/admin/canonical_email_blocks/{report} 401 403 403 admin:write
GET    /api/v1/admin/ip_blocks 401 403 403 admin:read
POST   /api/v1/admin/ip_blocks 401 403 403 admin:write
GET    /api/v1/admin/ip_blocks/{report} 401 403 403 admin:read
PUT    /api/v1/admin/ip_blocks/{report} 401 403 403 admin:write
DELETE /api/v1/admin/ip_blocks/{report} 401 403 403 admin:write
GET    /api/v1/admin/email_domain_blocks 401 403 403 admin:read
POST   /api/v1/admin/email_domain_blocks 401 403 403 admin:write
GET    /api/v1/admin/email_domain_blocks/{report} 401 403 403 admin:read
DELETE /api/v1/admin/email_domain_blocks/{report} 401 403 403 admin:write
POST   /api/v1/admin/dimensions 401 403 403 admin:read
POST   /api/v1/admin/measures 401 403 403 admin:read
POST   /api/v1/admin/retention 401 403 403 admin:read
GET    /api/v1/admin/trends/links 401 403 403 admin:read
GET    /api/v1/admin/trends/statuses 401 403 403 admin:read
GET    /api/v1/admin/trends/tags 401 403 403 admin:read
POST   /api/v1/admin/trends/links/{report}/approve 401 403 403 admin:write
POST   /api/v1/admin/trends/links/{report}/reject 401 403 403 admin:write
POST   /api/v1/admin/trends/statuses/{report}/approve 401 403 403 admin:write
POST   /api/v1/admin/trends/statuses/{report}/reject 401 403 403 admin:write
POST   /api/v1/admin/trends/tags/{report}/approve 401 403 403 admin:write
POST   /api/v1/admin/trends/tags/{report}/reject 401 403 403 admin:write
GET    /api/v1/announcements                        401 422 200 -
POST   /api/v1/announcements/{news}/dismiss         401 422 200 write:accounts
PUT    /api/v1/announcements/{news}/reactions/{emoji} 401 422 200 write:favourites
DELETE /api/v1/announcements/{news}/reactions/{emoji} 401 422 200 write:favourites
POST   /api/v1/apps                                 200 200 200 -
GET    /api/v1/apps/verify_credentials              401 404 404 -
GET    /api/v1/blocks                               401 422 200 read:blocks
GET    /api/v1/bookmarks                            401 422 200 read:bookmarks
GET    /api/v1/conversations                        401 422 200 read:statuses
DELETE /api/v1/conversations/{pair}         401 422 200 write:conversations
POST   /api/v1/conversations/{pair}/read    401 422 200 write:conversations
POST   /api/v1/conversations/{pair}/unread  401 422 200 write:conversations
GET    /api/v1/custom_emojis                        200 200 200 -
GET    /api/v1/directory                            200 200 200 -
GET    /api/v1/domain_blocks                        401 422 200 read:blocks
POST   /api/v1/domain_blocks                        401 422 200 write:blocks
DELETE /api/v1/domain_blocks                        401 422 200 write:blocks
POST   /api/v1/emails/confirmations                 401 422 403 write:accounts
GET    /api/v1/endorsements                         401 422 200 read:accounts
GET    /api/v1/favourites                           401 422 200 read:favourites
GET    /api/v1/featured_tags                        401 422 200 read:accounts
POST   /api/v1/featured_tags                        401 422 200 write:accounts
DELETE /api/v1/featured_tags/{featured}             401 422 200 write:accounts
GET    /api/v1/featured_tags/suggestions            401 422 200 read:accounts
GET    /api/v1/filters                              401 422 200 read:filters
POST   /api/v1/filters                              401 422 200 write:filters
GET    /api/v1/filters/{keyword}                    401 422 200 read:filters
PUT    /api/v1/filters/{keyword}                    401 422 200 write:filters
DELETE /api/v1/filters/{keyword}                    401 422 200 write:filters
GET    /api/v1/follow_requests                      401 422 200 read:follows
POST   /api/v1/follow_requests/{asked}/authorize    401 422 200 write:follows
POST   /api/v1/follow_requests/{asked}/reject       401 422 200 write:follows
GET    /api/v1/followed_tags                        401 422 200 read:follows
GET    /api/v1/instance                             200 200 200 -
GET    /api/v1/instance/activity                    200 200 200 -
GET    /api/v1/instance/domain_blocks               200 200 200 -
GET    /api/v1/instance/extended_description        200 200 200 -
GET    /api/v1/instance/peers                       200 200 200 -
GET    /api/v1/instance/privacy_policy              200 200 200 -
GET    /api/v1/instance/rules                       200 200 200 -
GET    /api/v1/instance/terms_of_service            200 200 200 -
GET    /api/v1/instance/terms_of_service/{day}      200 200 200 -
GET    /api/v1/instance/languages                   200 200 200 -
GET    /api/v1/instance/translation_languages       200 200 200 -
GET    /api/v1/lists                                401 422 200 read:lists
POST   /api/v1/lists                                401 422 200 write:lists
GET    /api/v1/lists/{list}                         401 422 200 read:lists
PUT    /api/v1/lists/{list}                         401 422 200 write:lists
DELETE /api/v1/lists/{list}                         401 422 200 write:lists
GET    /api/v1/lists/{list}/accounts                401 422 200 read:lists
POST   /api/v1/lists/{list}/accounts                401 422 200 write:lists
DELETE /api/v1/lists/{list}/accounts                401 422 200 write:lists
GET    /api/v1/markers                              401 422 200 read:statuses
POST   /api/v1/markers                              401 422 200 write:statuses
POST   /api/v1/media                                401 422 422 write:media
GET    /api/v1/media/{media}                        401 422 200 write:media
PUT    /api/v1/media/{media}                        401 422 200 write:media
DELETE /api/v1/media/{media}                        401 422 200 write:media
GET    /api/v1/mutes                                401 422 200 read:mutes
GET    /api/v1/notifications                        401 422 200 read:notifications
POST   /api/v1/notifications/clear                  401 422 200 write:notifications
POST   /api/v1/notifications/dismiss                401 422 404 write:notifications
GET    /api/v1/notifications/unread_count           401 422 200 read:notifications
GET    /api/v1/notifications/{note}                 401 422 200 read:notifications
POST   /api/v1/notifications/{note}/dismiss         401 422 200 write:notifications
GET    /api/v1/notifications/policy                 401 422 200 read:notifications
PUT    /api/v1/notifications/policy                 401 422 200 write:notifications
GET    /api/v1/notifications/requests               401 422 200 read:notifications
GET    /api/v1/notifications/requests/merged        401 422 200 read:notifications
POST   /api/v1/notifications/requests/accept        401 422 200 write:notifications
POST   /api/v1/notifications/requests/dismiss       401 422 200 write:notifications
GET    /api/v1/notifications/requests/{account}     401 422 404 read:notifications
POST   /api/v1/notifications/requests/{account}/accept 401 422 404 write:notifications
POST   /api/v1/notifications/requests/{account}/dismiss 401 422 404 write:notifications
GET    /api/v2/notifications                        401 422 200 read:notifications
GET    /api/v2/notifications/unread_count           401 422 200 read:notifications
GET    /api/v2/notifications/policy                 401 422 200 read:notifications
PATCH  /api/v2/notifications/policy                 401 422 200 write:notifications
GET    /api/v2/notifications/{note}                 401 422 404 read:notifications
GET    /api/v2/notifications/{note}/accounts        401 422 404 read:notifications
POST   /api/v2/notifications/{note}/dismiss         401 422 404 write:notifications
GET    /api/v1/preferences                          401 422 200 read:accounts
GET    /api/v1/profile                              401 422 200 read:accounts
GET    /api/v1/profile                              401 422 200 profile
PATCH  /api/v1/profile                              401 422 200 write:accounts
DELETE /api/v1/profile/avatar                       401 422 200 write:accounts
DELETE /api/v1/profile/header                       401 422 200 write:accounts
GET    /api/v1/push/subscription                    401 422 404 push
POST   /api/v1/push/subscription                    401 422 200 push
PUT    /api/v1/push/subscription                    401 422 404 push
DELETE /api/v1/push/subscription                    401 422 200 push
GET    /api/v1/polls/{poll}                         200 200 200 read:statuses
POST   /api/v1/polls/{poll}/votes                   401 422 200 write:statuses
POST   /api/v1/reports                              401 422 200 write:reports
GET    /api/v1/scheduled_statuses                   401 422 200 read:statuses
GET    /api/v1/scheduled_statuses/{scheduled}       401 422 200 read:statuses
PUT    /api/v1/scheduled_statuses/{scheduled}       401 422 200 write:statuses
DELETE /api/v1/scheduled_statuses/{scheduled}       401 422 200 write:statuses
GET    /api/v1/statuses                             200 200 200 read:statuses
POST   /api/v1/statuses                             401 422 200 write:statuses
GET    /api/v1/statuses/{post}                      200 200 200 read:statuses
PUT    /api/v1/statuses/{own}                       401 422 200 write:statuses
DELETE /api/v1/statuses/{own}                       401 422 200 write:statuses
POST   /api/v1/statuses/{post}/bookmark             401 422 200 write:bookmarks
GET    /api/v1/statuses/{post}/card                 200 200 200 read:statuses
GET    /api/v1/statuses/{post}/context              200 200 200 read:statuses
POST   /api/v1/statuses/{post}/favourite            401 422 200 write:favourites
GET    /api/v1/statuses/{post}/favourited_by        200 200 200 read:statuses
GET    /api/v1/statuses/{post}/history              200 200 200 read:statuses
POST   /api/v1/statuses/{post}/mute                 401 422 200 write:mutes
POST   /api/v1/statuses/{own}/pin                   401 422 200 write:accounts
POST   /api/v1/statuses/{post}/reblog               401 422 200 write:statuses
PUT    /api/v1/statuses/{own}/interaction_policy    401 422 200 write:statuses
GET    /api/v1/statuses/{post}/quotes               200 200 200 read:statuses
POST   /api/v1/statuses/{own}/quotes/{quoting}/revoke 401 422 200 write:statuses
GET    /api/v1/statuses/{post}/reblogged_by         200 200 200 read:statuses
GET    /api/v1/statuses/{own}/source                401 422 200 read:statuses
POST   /api/v1/statuses/{post}/translate            401 404 404 read:statuses
POST   /api/v1/statuses/{post}/unbookmark           401 422 200 write:bookmarks
POST   /api/v1/statuses/{post}/unfavourite          401 422 200 write:favourites
POST   /api/v1/statuses/{post}/unmute               401 422 200 write:mutes
POST   /api/v1/statuses/{own}/unpin                 401 422 200 write:accounts
POST   /api/v1/statuses/{post}/unreblog             401 422 200 write:statuses
GET    /api/v1/suggestions                          401 422 200 read:accounts
DELETE /api/v1/suggestions/{account}                401 422 200 write:accounts
GET    /api/v1/tags/{name}                          200 200 200 read
POST   /api/v1/tags/{name}/feature                  401 422 200 write:accounts
POST   /api/v1/tags/{name}/follow                   401 422 200 write:follows
POST   /api/v1/tags/{name}/unfeature                401 422 200 write:accounts
POST   /api/v1/tags/{name}/unfollow                 401 422 200 write:follows
GET    /api/v1/timelines/direct                     401 422 200 read:statuses
GET    /api/v1/timelines/home                       401 422 200 read:statuses
GET    /api/v1/timelines/list/{list}                401 422 200 read:lists
GET    /api/v1/timelines/link?url=https://example.org/ 200 200 200 read:statuses
GET    /api/v1/timelines/public                     200 200 200 read:statuses
GET    /api/v1/timelines/tag/{name}                 200 200 200 read:statuses
GET    /api/v1/trends                               200 200 200 -
GET    /api/v1/trends/links                         200 200 200 -
GET    /api/v1/trends/statuses                      200 200 200 read:statuses
GET    /api/v1/trends/tags                          200 200 200 -
GET    /api/v1/upscrolled/discover                  200 200 200 read:statuses
GET    /api/v1/upscrolled/discover/audits           200 200 200 -
GET    /api/v1/upscrolled/discover/hidden           401 422 200 read:accounts
GET    /api/v1/upscrolled/discover/pools            200 200 200 -
GET    /api/v1/upscrolled/discover/pools/{digest}   200 200 200 -
GET    /api/v1/upscrolled/discover/pools/{digest}/frame 200 200 200 -
GET    /api/v1/upscrolled/discover/preferences      401 422 200 read:accounts
PATCH  /api/v1/upscrolled/discover/preferences      401 422 200 write:accounts
GET    /api/v1/upscrolled/keys                      200 200 200 -
POST   /api/v1/upscrolled/posts/{post}/hide         401 422 200 write:accounts
POST   /api/v1/upscrolled/posts/{post}/unhide       401 422 200 write:accounts
GET    /api/v1/upscrolled/posts/{post}/why          200 200 200 read:statuses
GET    /api/v1/upscrolled/statuses/{own}/reach      401 422 200 read:statuses
GET    /api/v1/upscrolled/log/consistency?old=1&new=1 200 200 200 -
GET    /api/v1/upscrolled/log/inclusion?index=0&size=1 200 200 200 -
GET    /api/v1/upscrolled/policies                  200 200 200 -
GET    /api/v1/upscrolled/reports                   401 422 200 read:accounts
POST   /api/v1/upscrolled/reports/{report}/appeal   401 422 200 write:reports
GET    /api/v1/upscrolled/standing                  401 422 200 read:accounts
GET    /api/v1/upscrolled/statements                401 422 200 read:accounts
GET    /api/v1/upscrolled/statements/{statement}    401 422 200 read:accounts
POST   /api/v1/upscrolled/statements/{statement}/appeal 401 422 200 write:accounts
GET    /api/v1/upscrolled/conversations             401 422 200 read:statuses
POST   /api/v1/upscrolled/conversations             401 422 200 write:conversations
GET    /api/v1/upscrolled/conversations/search?q=hi 401 422 200 read:statuses
GET    /api/v1/upscrolled/conversations/settings    401 422 200 read:statuses
PATCH  /api/v1/upscrolled/conversations/settings    401 422 200 write:conversations
GET    /api/v1/upscrolled/conversations/sync        401 422 200 read:statuses
GET    /api/v1/upscrolled/conversations/unread      401 422 200 read:statuses
GET    /api/v1/upscrolled/conversations/{pair} 401 422 200 read:statuses
PATCH  /api/v1/upscrolled/conversations/{pair} 401 422 200 write:conversations
DELETE /api/v1/upscrolled/conversations/{pair} 401 422 200 write:conversations
POST   /api/v1/upscrolled/conversations/{pair}/accept 401 422 200 write:conversations
POST   /api/v1/upscrolled/conversations/{request}/decline 401 422 200 write:conversations
POST   /api/v1/upscrolled/conversations/{chat}/leave 401 422 200 write:conversations
POST   /api/v1/upscrolled/conversations/{chat}/members 401 422 200 write:conversations
DELETE /api/v1/upscrolled/conversations/{chat}/members/{account} 401 422 200 write:conversations
GET    /api/v1/upscrolled/conversations/{pair}/messages 401 422 200 read:statuses
POST   /api/v1/upscrolled/conversations/{pair}/messages 401 422 200 write:conversations
GET    /api/v1/upscrolled/conversations/{pair}/messages/{message} 401 422 200 read:statuses
PUT    /api/v1/upscrolled/conversations/{pair}/messages/{message} 401 422 200 write:conversations
DELETE /api/v1/upscrolled/conversations/{pair}/messages/{message} 401 422 200 write:conversations
GET    /api/v1/upscrolled/conversations/{pair}/messages/{message}/history 401 422 200 read:statuses
PUT    /api/v1/upscrolled/conversations/{pair}/messages/{message}/reactions/{emoji} 401 422 200 write:conversations
DELETE /api/v1/upscrolled/conversations/{pair}/messages/{message}/reactions/{emoji} 401 422 200 write:conversations
POST   /api/v1/upscrolled/conversations/{pair}/read 401 422 200 write:conversations
POST   /api/v1/upscrolled/conversations/{pair}/report 401 422 200 write:reports
POST   /api/v1/upscrolled/conversations/{pair}/typing 401 422 200 write:conversations
GET    /api/v1/upscrolled/timelines/followed_tags   401 422 200 read:statuses
GET    /api/v1/upscrolled/drafts                    401 422 200 read:statuses
POST   /api/v1/upscrolled/drafts                    401 422 200 write:statuses
GET    /api/v1/upscrolled/drafts/{draft}            401 422 200 read:statuses
PUT    /api/v1/upscrolled/drafts/{draft}            401 422 200 write:statuses
DELETE /api/v1/upscrolled/drafts/{draft}            401 422 200 write:statuses
POST   /api/v1/upscrolled/drafts/{draft}/publish    401 422 200 write:statuses
GET    /api/v1/upscrolled/media/{media}/captions    401 422 200 write:media
POST   /api/v1/upscrolled/media/{media}/captions    401 422 422 write:media
DELETE /api/v1/upscrolled/media/{media}/captions/{tongue} 401 422 422 write:media
POST   /api/v1/upscrolled/uploads                   401 422 412 write:media
GET    /api/v1/upscrolled/uploads/{upload}          401 422 200 write:media
POST   /api/v1/upscrolled/uploads/{upload}          401 422 412 write:media
PATCH  /api/v1/upscrolled/uploads/{upload}          401 422 412 write:media
DELETE /api/v1/upscrolled/uploads/{upload}          401 422 412 write:media
POST   /api/v1/upscrolled/uploads/multipart         401 422 422 write:media
GET    /api/v1/upscrolled/uploads/multipart/{upload} 401 422 404 write:media
DELETE /api/v1/upscrolled/uploads/multipart/{upload} 401 422 404 write:media
POST   /api/v1/upscrolled/uploads/multipart/{upload}/complete 401 422 404 write:media
POST   /api/v1/upscrolled/media/{broken}/retry      401 422 200 write:media
GET    /api/v1/upscrolled/push/device               401 422 404 push
POST   /api/v1/upscrolled/push/device               401 422 422 push
PUT    /api/v1/upscrolled/push/device               401 422 404 push
DELETE /api/v1/upscrolled/push/device               401 422 200 push
GET    /api/v1/upscrolled/notification_settings     401 422 200 read:notifications
PATCH  /api/v1/upscrolled/notification_settings     401 422 200 write:notifications
PATCH  /api/v1/upscrolled/preferences               401 422 200 write:accounts
GET    /api/v1/upscrolled/features                  200 200 200 -
POST   /api/v1/upscrolled/account/delete            401 422 200 write:accounts
GET    /api/v1/upscrolled/exports                   401 422 200 read
POST   /api/v1/upscrolled/exports                   401 422 202 write:accounts
GET    /api/v1/upscrolled/exports/{pair}/archive.zip 401 422 404 read
GET    /api/v1/upscrolled/exports/{kind}.csv        401 422 200 read
GET    /api/v1/upscrolled/imports                   401 422 200 read
POST   /api/v1/upscrolled/imports                   401 422 202 write
GET    /api/v1/upscrolled/sessions                  401 422 200 read:accounts
DELETE /api/v1/upscrolled/sessions                  401 422 200 write:accounts
DELETE /api/v1/upscrolled/sessions/{session}        401 422 200 write:accounts
POST   /api/v1/upscrolled/oauth/session_token       401 401 401 -
GET    /api/v1/upscrolled/signup_challenge          200 200 200 -
GET    /api/v1/upscrolled/terms                     200 200 200 read:accounts
POST   /api/v1/upscrolled/terms/accept              401 422 200 write:accounts
GET    /api/v1/upscrolled/keys                      200 200 200 -
GET    /api/v1/upscrolled/places                    200 200 200 -
GET    /api/v2/filters                              401 422 200 read:filters
POST   /api/v2/filters                              401 422 200 write:filters
GET    /api/v2/filters/keywords/{keyword}           401 422 200 read:filters
PUT    /api/v2/filters/keywords/{keyword}           401 422 200 write:filters
DELETE /api/v2/filters/keywords/{keyword}           401 422 200 write:filters
GET    /api/v2/filters/statuses/{filtered}          401 422 200 read:filters
DELETE /api/v2/filters/statuses/{filtered}          401 422 200 write:filters
GET    /api/v2/filters/{filter}                     401 422 200 read:filters
PUT    /api/v2/filters/{filter}                     401 422 200 write:filters
DELETE /api/v2/filters/{filter}                     401 422 200 write:filters
GET    /api/v2/filters/{filter}/keywords            401 422 200 read:filters
POST   /api/v2/filters/{filter}/keywords            401 422 200 write:filters
GET    /api/v2/filters/{filter}/statuses            401 422 200 read:filters
POST   /api/v2/filters/{filter}/statuses            401 422 200 write:filters
GET    /api/v2/instance                             200 200 200 -
POST   /api/v2/media                                401 422 422 write:media
GET    /api/v2/search?q=bob                         200 200 200 read:search
GET    /api/v2/suggestions                          401 422 200 read:accounts
"""
# What a request must carry to be more than refused.
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v1/apps": {"client_name": "Sunbird", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"},
    "POST /api/v1/filters": {"phrase": "spoiler", "context": "home"},
    "POST /api/v2/filters": {"title": "Spoilers", "context": "home"},
    "POST /api/v2/filters/{filter}/keywords": {"keyword": "spoiler"},
    "POST /api/v2/filters/{filter}/statuses": {"status_id": "{own}"},
    "POST /api/v1/lists": {"title": "Neighbours"},
    "PUT /api/v1/lists/{list}": {"title": "Neighbours", "replies_policy": "none"},
    "POST /api/v1/lists/{list}/accounts": {"account_ids": "{followed}"},
    "DELETE /api/v1/lists/{list}/accounts": {"account_ids": "{account}"},
    "POST /api/v1/polls/{poll}/votes": {"choices": "0"},
    "PUT /api/v1/statuses/{own}/interaction_policy": {"quote_approval_policy": "followers"},
    "PUT /api/v1/scheduled_statuses/{scheduled}": {"scheduled_at": "2099-01-01T12:00:00Z"},
    "POST /api/v1/featured_tags": {"name": "#sea"},
    # The keys are the example of RFC 8291.
    "POST /api/v1/push/subscription": {
        "subscription": {
            "endpoint": "https://push.example.net/one",
            "keys": {
                "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
                "auth": "BTBZMqHH6r4Tts7J_aSIgg",
            },
        },
    },
    "POST /api/v1/reports": {"account_id": "{account}", "comment": "spam"},
    "POST /api/v1/statuses": {"status": "hello"},
    "PUT /api/v1/media/{media}": {"description": "a boat", "focus": "0.5,0.5"},
    "POST /api/v1/upscrolled/reports/{report}/appeal": {"text": "Please look again."},
    "POST /api/v1/upscrolled/statements/{statement}/appeal": {"text": "I quoted it."},
    "POST /api/v1/upscrolled/conversations": {"account_ids": "{account}"},
    "POST /api/v1/upscrolled/conversations/{chat}/members": {"account_ids": "{followed}"},
    "POST /api/v1/upscrolled/conversations/{pair}/messages": {"text": "hello", "client_id": "drawn"},
    "PUT /api/v1/upscrolled/conversations/{pair}/messages/{message}": {"text": "hello again"},
    "POST /api/v1/upscrolled/conversations/{pair}/report": {"message_ids": "{told}"},
    "POST /api/v1/upscrolled/oauth/session_token": {"client_id": "sunbird", "client_secret": "secret"},
    "POST /api/v1/upscrolled/account/delete": {"password": PASSWORD},
    "POST /api/v1/upscrolled/imports": {"type": "muting", "data": "dave\nsomebody@far.example"},
    "POST /api/v1/upscrolled/terms/accept": {"version": "1"},
    "PUT /api/v1/statuses/{own}": {"status": "hello again"},
    "PATCH /api/v1/accounts/update_credentials": {"display_name": "Alice"},
}


@dataclass(frozen=True)
class Route:
    """A row of the table."""

    method: str
    path: str
    anonymous: int
    application: int
    user: int
    scope: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path.partition('?')[0]}"


ROUTES = [
    Route(method, path, int(anonymous), int(application), int(user), "" if scope == "-" else scope)
    for method, path, anonymous, application, user, scope in (
        line.split() for line in TABLE.split("\n") if line
    )
]


@dataclass
class World:
    """Somebody reads; the names of the table stand for these ids."""

    ids: dict[str, str] = field(default_factory=dict)

    def path(self, route: Route, ids: dict[str, str] | None = None) -> str:
        """The address with the names replaced, without its query."""
        names = {**self.ids, **(ids or {})}
        return re.sub(r"\{(\w+)\}", lambda found: names[found[1]], route.path.partition("?")[0])

    def ask(
        self, route: Route, *, token: str | None, ids: dict[str, str] | None = None, slash: str = ""
    ) -> Any:
        """Call it as an application would."""
        path = self.path(route, ids) + slash + "".join(route.path.partition("?")[1:])
        body = {
            name: (
                value
                if isinstance(value, dict)
                else re.sub(r"\{(\w+)\}", lambda found: self.ids[found[1]], str(value))
            )
            for name, value in BODIES.get(route.name, {}).items()
        }
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = Client()
        if route.method == "GET":
            return client.get(path, headers=headers)
        send = getattr(client, route.method.lower())
        return send(path, body, content_type="application/json", headers=headers)
