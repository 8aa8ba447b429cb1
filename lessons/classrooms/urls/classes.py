"""Classes: list, create, settings, join codes, members, groups, roster, invitations; joining."""

from django.urls import path

from lessons.classrooms.views import classes, groups, joining, members, rosters

ONE = "classes/<int:classroom>"
MEMBER = f"{ONE}/members/<int:member>"

urlpatterns = [
    path("join/", joining.join, name="join"),
    path("join/<str:code>/", joining.join_code, name="join-code"),
    path("invitations/<str:token>/", joining.invitation, name="invitation"),
    path("me/classes/", joining.my_class_list, name="my-class-list"),
    path("me/classes/<int:record>/erasure/", joining.erasure, name="erasure"),
    path("classes/", classes.class_list, name="class-list"),
    path("classes/new/", classes.class_new, name="class-new"),
    path(f"{ONE}/settings/", classes.class_settings, name="class-settings"),
    path(f"{ONE}/archive/", classes.class_archive, name="class-archive"),
    path(f"{ONE}/copy/", classes.class_copy, name="class-copy"),
    path(f"{ONE}/leave/", classes.class_leave, name="class-leave"),
    path(f"{ONE}/code/", classes.code, name="code"),
    path(f"{ONE}/code/new/", classes.code_rotate, name="code-rotate"),
    path(f"{ONE}/code/open/", classes.code_open, name="code-open"),
    path(f"{ONE}/code/expiry/", classes.code_expiry, name="code-expiry"),
    path(f"{ONE}/members/", members.member_list, name="member-list"),
    path(f"{ONE}/invitations/", members.invitation_new, name="invitation-new"),
    path(
        f"{ONE}/invitations/<int:invitation>/withdraw/",
        members.invitation_withdraw,
        name="invitation-withdraw",
    ),
    path(f"{MEMBER}/", members.member, name="member"),
    path(f"{MEMBER}/entry/", members.member_entry, name="member-entry"),
    path(f"{MEMBER}/role/", members.member_role, name="member-role"),
    path(f"{MEMBER}/time/", members.member_time, name="member-time"),
    path(f"{MEMBER}/remove/", members.member_remove, name="member-remove"),
    path(f"{MEMBER}/return/", members.member_return, name="member-return"),
    path(f"{MEMBER}/unlock/", members.member_unlock, name="member-unlock"),
    path(f"{MEMBER}/password/", members.member_password, name="member-password"),
    path(f"{ONE}/groups/", groups.group_list, name="group-list"),
    path(f"{ONE}/groups/new/", groups.group_new, name="group-new"),
    path(f"{ONE}/groups/<int:group>/", groups.group, name="group"),
    path(f"{ONE}/groups/<int:group>/delete/", groups.group_delete, name="group-delete"),
    path(f"{ONE}/roster/", rosters.roster, name="roster"),
    path(f"{ONE}/roster/slips/", rosters.slips_new, name="slips-new"),
]
