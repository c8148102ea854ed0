"""The methods a bot may call, apart from getUpdates, which has to wait.

Each takes the parameters of one call and returns its result or raises `ApiError`.
Source: Bot API, "Available methods" and "Updating messages".
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from .delivery import webhook_of
from .wire import ApiError, Json, Params, Upload, refuse
from .words import NOTICE_LIMIT, caption_of, keyboard_of, text_of
from .world import DOWNLOAD_LIMIT, Chat, Message, StoredFile, World

if TYPE_CHECKING:
    from collections.abc import Callable

PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")  # how PNG and JPEG begin
EDITABLE = 48 * 3600  # seconds; Bot API, deleteMessage

# Taken and answered with True: they change nothing that the double shows.
_TAKEN = frozenset(
    {
        "close",
        "deletemycommands",
        "logout",
        "sendchataction",
        "setchatmenubutton",
        "setmessagereaction",
        "setmydescription",
        "setmydefaultadministratorrights",
        "setmyname",
        "setmyshortdescription",
        "unpinallchatmessages",
    }
)


class BotApi:
    """The Bot API of one bot."""

    def __init__(self, world: World) -> None:
        """Answer from this world and act on it."""
        self._world = world
        self._methods: dict[str, Callable[[Params], object]] = {
            "answercallbackquery": self._answer_callback_query,
            "deletemessage": self._delete_message,
            "deletewebhook": self._delete_webhook,
            "editmessagecaption": self._edit_message_caption,
            "editmessagereplymarkup": self._edit_message_reply_markup,
            "editmessagetext": self._edit_message_text,
            "getchat": self._get_chat,
            "getfile": self._get_file,
            "getme": self._get_me,
            "getmycommands": self._get_my_commands,
            "getwebhookinfo": self._get_webhook_info,
            "pinchatmessage": self._pin_chat_message,
            "senddocument": self._send_document,
            "sendmessage": self._send_message,
            "sendphoto": self._send_photo,
            "setmycommands": self._set_my_commands,
            "setwebhook": self._set_webhook,
            "unpinchatmessage": self._unpin_chat_message,
        }

    def call(self, method: str, params: Params) -> object:
        """Do what the method says and return its result.

        Names are not case-sensitive. Source: Bot API, "Making requests".
        """
        name = method.lower()
        if name in self._methods:
            return self._methods[name](params)
        if name in _TAKEN:
            if "chat_id" in params:
                self._chat(params)
            return True
        raise ApiError(HTTPStatus.NOT_FOUND, "Not Found")

    def _get_me(self, _: Params) -> Json:
        return self._world.bot

    def _get_chat(self, params: Params) -> Json:
        # The two extra fields are required. Source: Bot API, ChatFullInfo.
        extra = {"accent_color_id": 0, "max_reaction_count": 11}
        return {**self._chat(params).as_json(), **extra}

    # Settings

    def _set_my_commands(self, params: Params) -> bool:
        self._world.settings[_commands_key(params)] = params.json("commands") or []
        return True

    def _get_my_commands(self, params: Params) -> object:
        return self._world.settings.get(_commands_key(params), [])

    def _set_webhook(self, params: Params) -> bool:
        url = params.text("url")
        webhook = webhook_of(url, params.text("secret_token"), params.number("max_connections")) if url else None
        kinds = params.json("allowed_updates")
        if isinstance(kinds, list):
            self._world.inbox.allow(map(str, kinds))
        self._world.settings["webhook"] = url
        self._world.bring_to(webhook)
        return True

    def _delete_webhook(self, params: Params) -> bool:
        self._world.settings["webhook"] = ""
        self._world.bring_to(None)
        if params.flag("drop_pending_updates"):
            self._world.inbox.drop()
        return True

    def _get_webhook_info(self, _: Params) -> Json:
        return {
            "url": self._world.settings.get("webhook", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self._world.inbox),
        }

    # Sending

    def _send_message(self, params: Params) -> Json:
        chat = self._chat(params)
        text, entities = text_of(params)
        keyboard = keyboard_of(params)
        message = self._post(chat, params)
        message.text, message.entities, message.keyboard = text, entities, keyboard
        chat.texts.append(text)
        self._world.sent.append((chat.chat_id, text))
        chat.spoken_at.append(self._world.clock.now())
        return message.as_json()

    def _send_document(self, params: Params) -> Json:
        def shown(file: StoredFile) -> object:
            upload = file.upload
            names = {"file_name": upload.name, "mime_type": upload.mime}
            return {**file.as_json(), **names}

        return self._send_file(params, "document", shown)

    def _send_photo(self, params: Params) -> Json:
        def shown(file: StoredFile) -> object:
            return [{**file.as_json(), "width": 800, "height": 600}]

        return self._send_file(params, "photo", shown)

    def _send_file(self, params: Params, kind: str, shown: Callable[[StoredFile], object]) -> Json:
        chat = self._chat(params)
        caption, entities = caption_of(params)
        keyboard = keyboard_of(params)
        file = self._file_to_send(params, kind)
        if kind == "photo" and not file.upload.data.startswith(PICTURES):
            refuse("IMAGE_PROCESS_FAILED")
        message = self._post(chat, params)
        message.text, message.entities, message.keyboard = caption, entities, keyboard
        message.file, message.media = file, {kind: shown(file)}
        chat.texts.append(caption)
        return message.as_json()

    def _post(self, chat: Chat, params: Params) -> Message:
        """Add a message where the call wants it: in General, if it names neither a topic nor what it replies to.

        General has no number to name. Source: Bot API, sendMessage.message_thread_id and ReplyParameters;
        github.com/tdlib/telegram-bot-api, issues 447 and 798.
        """
        topic, reply = params.number("message_thread_id"), params.json("reply_parameters")
        if topic and topic not in (chat.topics or {}):
            refuse("message thread not found")
        original = chat.messages.get(int(reply["message_id"])) if isinstance(reply, dict) else None
        if isinstance(reply, dict) and original is None and not reply.get("allow_sending_without_reply"):
            refuse("message to be replied not found")
        message = self._world.post(chat, self._sender())
        self._world.put(message, topic, original)
        return message

    def _file_to_send(self, params: Params, field: str) -> StoredFile:
        """Find the file in the call: attached, named by its part, or known already.

        Source: Bot API, "Sending files".
        """
        upload: Upload | None = params.uploads.get(field)
        given = params.text(field)
        if given.startswith("attach://"):
            upload = params.uploads.get(given.removeprefix("attach://"))
        if upload is not None:
            if not upload.data:
                refuse("file must be non-empty")
            return self._world.keep(upload)
        if not given:
            refuse(f"there is no {field} in the request")
        return self._world.file(given)

    # Changing what was sent

    def _edit_message_text(self, params: Params) -> Json:
        text, entities = text_of(params)
        message = self._own_message(params)
        if message.media:
            refuse("there is no text in the message to edit")
        self._change(message, text, entities, params)
        message.chat.texts.append(text)
        return message.as_json()

    def _edit_message_caption(self, params: Params) -> Json:
        caption, entities = caption_of(params)
        message = self._own_message(params)
        if not message.media:
            refuse("there is no caption in the message to edit")
        self._change(message, caption, entities, params)
        message.chat.texts.append(caption)
        return message.as_json()

    def _edit_message_reply_markup(self, params: Params) -> Json:
        message = self._own_message(params)
        self._change(message, message.text, message.entities, params)
        return message.as_json()

    def _change(self, message: Message, text: str, entities: list[Json], params: Params) -> None:
        """Put the new content in place; without buttons given the old ones go."""
        new = (text, entities, keyboard_of(params))
        if new == (message.text, message.entities, message.keyboard):
            what = (
                "message is not modified: specified new message content and reply "
                "markup are exactly the same as a current content and reply markup "
                "of the message"
            )
            refuse(what)
        message.text, message.entities, message.keyboard = new
        message.edit_date = int(self._world.clock.now())
        message.chat.spoken_at.append(self._world.clock.now())

    def _delete_message(self, params: Params) -> bool:
        message = self._message(params, "message to delete not found")
        if self._world.clock.now() - message.date > EDITABLE:
            refuse("message can't be deleted for everyone")
        if not message.from_bot and message.chat.kind != "private":
            refuse("message can't be deleted")
        del message.chat.messages[message.message_id]
        return True

    def _pin_chat_message(self, params: Params) -> bool:
        message = self._message(params, "message to pin not found")
        self._may_pin(message.chat)
        message.chat.pinned.append(message.message_id)
        return True

    def _unpin_chat_message(self, params: Params) -> bool:
        message = self._message(params, "message to unpin not found")
        self._may_pin(message.chat)
        if message.message_id in message.chat.pinned:
            message.chat.pinned.remove(message.message_id)
        return True

    def _may_pin(self, chat: Chat) -> None:
        if not chat.may_pin:
            refuse("not enough rights to manage pinned messages in the chat")

    def _answer_callback_query(self, params: Params) -> bool:
        press = self._world.fresh_press(params.text("callback_query_id"))
        if len(params.text("text")) > NOTICE_LIMIT:
            refuse("MESSAGE_TOO_LONG")
        press.answered = True
        press.notice, press.alert = params.text("text"), params.flag("show_alert")
        return True

    # Files

    def _get_file(self, params: Params) -> Json:
        file = self._world.file(params.text("file_id"))
        if file.size > DOWNLOAD_LIMIT:
            refuse("file is too big")
        return {**file.as_json(), "file_path": file.path}

    # Finding what a call speaks of

    def _sender(self) -> Json:
        shown = ("id", "is_bot", "first_name", "username")
        return {name: self._world.bot[name] for name in shown}

    def _chat(self, params: Params) -> Chat:
        if not params.text("chat_id"):
            refuse("chat_id is empty")
        return self._world.chat_for_bot(params.number("chat_id"))

    def _message(self, params: Params, missing: str) -> Message:
        if not params.number("message_id"):
            refuse("message identifier is not specified")
        message = self._chat(params).messages.get(params.number("message_id"))
        if message is None:
            refuse(missing)
        return message

    def _own_message(self, params: Params) -> Message:
        message = self._message(params, "message to edit not found")
        if not message.from_bot:
            refuse("message can't be edited")
        return message


def _commands_key(params: Params) -> str:
    """Commands are kept apart by scope and language. Bot API, BotCommandScope."""
    return f"commands {params.text('scope')} {params.text('language_code')}"
