public import Kernels
public import Machine
public import MiniGPT
public import Programs
public import Refusals
public import Web

// Errors of rooms that have no other use for refusals. Each is one line already.
extension TeamError: Refusal {}
extension ForceError: Refusal {}
extension KernelSetError: Refusal {}
extension LanguageModelError: Refusal {}
extension PlanError: Refusal {}
extension WebError: Refusal {}
