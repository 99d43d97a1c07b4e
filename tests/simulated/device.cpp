// A torch device whose memory is ordinary memory and whose operations run on the CPU, but which
// refuses, as CUDA does, operations that mix its tensors with the CPU's, and counts what makes the
// host wait for it: values read back, copies to the CPU, results whose size only the device knows.
#include <ATen/EmptyTensor.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/GeneratorForPrivateuseone.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/native/Resize.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/core/impl/alloc_cpu.h>
#include <torch/extension.h>

#include <map>
#include <set>
#include <string>
#include <utility>

namespace {

constexpr auto kind = c10::DeviceType::PrivateUse1;
const c10::Device device(kind, 0);
std::map<std::string, int64_t> waits;
int64_t operations = 0, copies_in = 0;
bool counting = true;

// Memory

struct Memory final : c10::Allocator {
  static void release(void* place) { c10::free_cpu(place); }
  c10::DataPtr allocate(size_t bytes) override {
    void* place = c10::alloc_cpu(bytes);
    return {place, place, &release, device};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    memcpy(to, from, bytes);
  }
};
Memory memory;
REGISTER_ALLOCATOR(kind, &memory);

c10::Stream default_stream() { return c10::Stream(c10::Stream::DEFAULT, device); }

struct Guard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return kind; }
  c10::Device exchangeDevice(c10::Device) const override { return device; }
  c10::Device getDevice() const override { return device; }
  void setDevice(c10::Device) const override {}
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::Stream getStream(c10::Device) const override { return default_stream(); }
  c10::Stream exchangeStream(c10::Stream) const override { return default_stream(); }
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
  void record(void**, const c10::Stream&, c10::DeviceIndex, c10::EventFlag) const override {}
  void block(void*, const c10::Stream&) const override {}
  bool queryEvent(void*) const override { return true; }
  void destroyEvent(void*, c10::DeviceIndex) const noexcept override {}
};
C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard);

struct Hooks final : at::PrivateUse1HooksInterface {
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  const at::Generator& getDefaultGenerator(c10::DeviceIndex) const override {
    static const auto generator = at::make_generator<at::CPUGeneratorImpl>(0);
    return generator;
  }
  at::Generator getNewGenerator(c10::DeviceIndex) const override {
    return at::make_generator<at::CPUGeneratorImpl>();
  }
  at::Device getDeviceFromPtr(void*) const override { return device; }
};
Hooks hooks;

// Tensors

c10::DispatchKeySet keys() { return c10::DispatchKeySet(c10::DispatchKey::PrivateUse1); }

at::Tensor empty(at::IntArrayRef size, std::optional<at::ScalarType> type,
                 std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>,
                 std::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(size, &memory, keys(), c10::dtype_or_default(type), format);
}

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride,
                         std::optional<at::ScalarType> type, std::optional<at::Layout>,
                         std::optional<at::Device>, std::optional<bool>) {
  return at::detail::empty_strided_generic(size, stride, &memory, keys(),
                                           c10::dtype_or_default(type));
}

at::Tensor seen_by_cpu(const at::Tensor& tensor) {
  if (tensor.device().type() != kind) return tensor;
  return at::from_blob(tensor.storage().mutable_data(), tensor.sizes(), tensor.strides(),
                       tensor.storage_offset(), [tensor](void*) {},
                       at::TensorOptions().dtype(tensor.dtype()).device(at::kCPU));
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool) {
  if (counting && to.device().is_cpu()) ++waits["copy to the CPU"];
  if (counting && from.device().is_cpu()) ++copies_in;
  seen_by_cpu(to).copy_(seen_by_cpu(from));
  return to;
}

const at::Tensor& resize_in_place(const at::Tensor& tensor, at::IntArrayRef size,
                         std::optional<at::MemoryFormat>) {
  if (tensor.sizes() == size) return tensor;
  auto fresh = at::empty(size, tensor.options());
  auto bytes = std::min(tensor.storage().nbytes(), fresh.storage().nbytes());
  if (bytes) memcpy(fresh.storage().mutable_data(), tensor.storage().data(), bytes);
  auto* held = tensor.unsafeGetTensorImpl();
  held->set_storage_keep_dtype(fresh.storage());
  held->set_storage_offset(0);
  held->set_sizes_contiguous(size);
  return tensor;
}

at::Tensor& set_storage(at::Tensor& tensor, at::Storage storage, int64_t offset,
                        at::IntArrayRef size, at::IntArrayRef stride) {
  auto* held = tensor.unsafeGetTensorImpl();
  held->set_storage_keep_dtype(storage);
  held->set_sizes_and_strides(size, stride, offset);
  return tensor;
}

at::Tensor copy_from_and_resize(const at::Tensor& from, const at::Tensor& to) {
  resize_in_place(to, from.sizes(), std::nullopt);
  return copy_from(from, to, false);
}

at::Scalar local_scalar(const at::Tensor& tensor) {
  if (counting) ++waits["value read"];
  return at::_local_scalar_dense(seen_by_cpu(tensor));
}

// All other operations

// Those whose tensors of the CPU are copied by CUDA itself.
const std::set<std::string> takes_cpu{"aten::index", "aten::index_put_", "aten::_index_put_impl_",
                                      "aten::set_"};
// Those whose result has a size that the host has to be told.
const std::set<std::string> sized_by_values{
    "aten::nonzero", "aten::masked_select", "aten::_unique2", "aten::unique_dim",
    "aten::unique_consecutive", "aten::repeat_interleave.Tensor", "aten::bincount"};

void fallback(const c10::OperatorHandle& operation, torch::jit::Stack* stack) {
  const auto& id = operation.schema().operator_name();
  auto name = id.name + (id.overload_name.empty() ? "" : "." + id.overload_name);
  bool ours = false, others = false;
  std::string where;
  const bool lenient = takes_cpu.count(id.name) > 0;
  auto look = [&](const at::Tensor& tensor) {
    if (!tensor.defined()) return;
    if (tensor.device().type() == kind) {
      ours = true;
    } else if (tensor.dim() > 0) {
      others = true;
      where = c10::str(tensor.sizes());
    }
  };
  for (auto& given : torch::jit::last(*stack, operation.schema().arguments().size())) {
    if (given.isTensor()) look(given.toTensor());
    else if (given.isTensorList()) for (const at::Tensor& one : given.toTensorVector()) look(one);
    else if (given.isList())
      for (const c10::IValue& one : given.toListRef())
        if (one.isTensor() && !lenient) look(one.toTensor());
  }
  TORCH_CHECK(lenient || !(ours && others), "device mismatch in ", name, ": a CPU tensor of shape ",
              where, " beside tensors of the device");
  ++operations;
  if (sized_by_values.count(name)) ++waits[name];
  // What the fallback copies to and from the CPU is not the program's doing.
  const bool outer = std::exchange(counting, false);
  at::native::cpu_fallback(operation, stack, true);
  counting = outer;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("empty.memory_format", &empty);
  m.impl("empty_strided", &empty_strided);
  m.impl("_copy_from", &copy_from);
  m.impl("_copy_from_and_resize", &copy_from_and_resize);
  m.impl("_local_scalar_dense", &local_scalar);
  m.impl("resize_", &resize_in_place);
  m.impl("set_.source_Storage_storage_offset", &set_storage);
  m.impl("as_strided", TORCH_FN(at::native::as_strided_tensorimpl));
  m.impl("view", TORCH_FN(at::native::view));
  m.impl("_reshape_alias", TORCH_FN(at::native::_reshape_alias));
  m.impl("unfold", TORCH_FN(at::native::unfold));
}
TORCH_LIBRARY_IMPL(_, PrivateUse1, m) {
  m.fallback(torch::CppFunction::makeFromBoxedFunction<&fallback>());
}

}  // namespace

PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
  m.def("register_hooks", [] { at::RegisterPrivateUse1HooksInterface(&hooks); });
  m.def("waits", [] { return waits; });
  m.def("operations", [] { return operations; });
  m.def("copies_in", [] { return copies_in; });
  m.def("count", [](bool on) { return std::exchange(counting, on); });
  m.def("reset", [] { waits.clear(); operations = copies_in = 0; });
}
