/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/commands.h"

#include <cc/command_interpreter.h>
#include <cc/data.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

using isc::data::ConstElementPtr;
using isc::data::Element;
using isc::hooks::CalloutHandle;

namespace
{

/* A wrong argument, or an answer that cannot be had: the text of a result 1. */
class Refused : public std::runtime_error
{
      public:
	using std::runtime_error::runtime_error;
};

ConstElementPtr
arguments(CalloutHandle &handle)
{
	ConstElementPtr command, args;
	handle.getArgument("command", command);
	(void)isc::config::parseCommand(args, command);
	if (args && args->getType() != Element::map) {
		throw Refused("arguments must be a map");
	}
	return args;
}

/* The question's texts are borrowed from args. */
hook_question
question(const ConstElementPtr &args, std::string texts[3])
{
	static const char *const keys[] = {"hw-address", "ip-address", "arch"};
	hook_question asked = {};
	const char **const into[] = {&asked.hw_address, &asked.ip_address, &asked.arch};
	if (!args || !args->contains(keys[0])) {
		throw Refused("hw-address is missing");
	}
	for (const auto &given : args->mapValue()) {
		const std::string &key = given.first;
		unsigned which = 0;
		while (which < 3 && key != keys[which]) {
			which++;
		}
		if (key == "subnet-id" && given.second->getType() == Element::integer) {
			asked.has_subnet_id = true;
			asked.subnet_id = given.second->intValue();
		} else if (key == "subnet-id") {
			throw Refused("subnet-id must be a number");
		} else if (which == 3) {
			throw Refused("argument " + key + " is not known");
		} else if (given.second->getType() != Element::string) {
			throw Refused(key + " must be a text");
		} else {
			texts[which] = given.second->stringValue();
			*into[which] = texts[which].c_str();
		}
	}
	return asked;
}

/* Takes over the JSON text; throws what stands in error where there is none. */
ConstElementPtr
object(char *json, const char *error)
{
	const std::unique_ptr<char, decltype(&std::free)> owned(json, std::free);
	if (!owned) {
		throw Refused(error);
	}
	return Element::fromJSON(std::string(owned.get()));
}

template <typename Work>
void
respond(CalloutHandle &handle, hook_core *core, Work work)
{
	ConstElementPtr response;
	try {
		if (core == nullptr) {
			throw Refused("the library is not at work");
		}
		response = isc::config::createAnswer(0, work());
	} catch (const std::exception &error) {
		response = isc::config::createAnswer(1, std::string(error.what()));
	} catch (...) {
		response = isc::config::createAnswer(1, std::string("internal error"));
	}
	handle.setArgument("response", response);
}

} /* namespace */

namespace pvsboot
{

void
explain(CalloutHandle &handle, hook_core *core)
{
	respond(handle, core, [&handle, core]() {
		std::string texts[3];
		char error[HOOK_ERROR_MAX] = "";
		const hook_question asked = question(arguments(handle), texts);
		return object(hook_core_explain(core, &asked, error), error);
	});
}

void
status_get(CalloutHandle &handle, hook_core *core)
{
	respond(handle, core, [core]() {
		char error[HOOK_ERROR_MAX] = "";
		return object(hook_core_status(core, error), error);
	});
}

} /* namespace pvsboot */
